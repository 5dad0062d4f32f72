// Scale the figures of a slide, all by the same factor, until the slide fits.
// Shared by the live slides and the offline decks: window.fitSlide(slide, available, options).
(() => {
  "use strict";

  const SMALLEST = 0.5; // below this, no figure of the course can be read: let the tests say so
  const LARGEST = 1.25; // a figure with room around it may grow, for the back of the room
  const ROUNDS = 7; // to within one hundredth

  /** Return the figures of a slide: pictures of some size, not icons. */
  function figures(slide) {
    return [...slide.querySelectorAll("img")].filter((img) => img.naturalWidth > 100);
  }

  /** Give every figure `scale` times its natural size, at most the width of the slide. */
  function resize(images, scale, unit, widest) {
    for (const img of images) {
      const width = Math.min(img.naturalWidth * unit * scale, widest);
      img.style.width = `${Math.floor(width)}px`;
      img.style.maxWidth = "none";
      img.style.height = "auto";
    }
  }

  /**
   * Fit one slide.
   *
   * slide      the element that holds the figures
   * available  px: the height that the slide's content may take
   * options    height: function that returns the content's height now (default: scrollHeight)
   *            unit: px per slide unit (default 1); widest: px (default 1168 units)
   *
   * Returns the scale that was chosen, 1 for natural size.
   */
  function fitSlide(slide, available, options = {}) {
    const images = figures(slide);
    const unit = options.unit || 1;
    const widest = options.widest || 1168 * unit;
    const height = options.height || (() => slide.scrollHeight);
    if (!images.length) return 1;
    const fits = (scale) => {
      resize(images, scale, unit, widest);
      return height() <= available;
    };
    if (fits(LARGEST)) return LARGEST;
    // Words beside a figure wrap in another way at each size: halve the range, do not compute.
    let [low, high] = [SMALLEST, LARGEST];
    for (let round = 0; round < ROUNDS; round += 1) {
      const middle = (low + high) / 2;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    resize(images, low, unit, widest);
    return low;
  }

  window.fitSlide = fitSlide;
})();
