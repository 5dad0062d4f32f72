"""How the language models that ship with the course are trained, on the Shakespeare text."""

from __future__ import annotations

from course_utils.recipes.language import LanguageRecipe

_LONG = {"n_steps": 6000, "dropout": 0.15}
# The widths give the RNN and the GRU as many parameters as the LSTM has with 65 symbols; the
# learning rates were tried on a few hundred steps, because the plain RNN fails with the LSTM's.
SHIPPED: dict[str, LanguageRecipe] = {
    "rnn": LanguageRecipe(kind="rnn", hidden_size=526, learning_rate=0.004, **_LONG),
    "gru": LanguageRecipe(kind="gru", hidden_size=299, learning_rate=0.012, **_LONG),
    "lstm": LanguageRecipe(learning_rate=0.02, **_LONG),
}
