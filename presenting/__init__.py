"""What an instructor needs on a stage: slides, decks and pages without a network, timings."""
