// How well texts, borders of controls and bars stand out from their ground (WCAG 2.2, 1.4.3 and 1.4.11): how many were
// looked at, and which are too weak.
(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const over = (color, below) => {
    for (const style of [below, color]) {
      context.fillStyle = style;
      context.fillRect(0, 0, 1, 1);
    }
    return `rgb(${[...context.getImageData(0, 0, 1, 1).data].slice(0, 3).join(",")})`;
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[0-9]+/g).map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, two) => {
    const [brighter, darker] = [luminance(one), luminance(two)].sort((a, b) => b - a);
    return (brighter + 0.05) / (darker + 0.05);
  };
  const groundOf = (element) => {
    const colors = [];
    for (let one = element; one; one = one.parentElement) colors.unshift(getComputedStyle(one).backgroundColor);
    return colors.reduce((below, color) => over(color, below), "#fff");
  };

  const weak = [];
  let seen = 0;
  const need = (what, color, ground, least) => {
    seen += 1;
    const found = ratio(over(color, ground), ground);
    if (found < least) weak.push(`${what}: ${found.toFixed(2)} < ${least}`);
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest("svg, script, style")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    need(`${element.tagName} ${text.slice(0, 30)}`, style.color, groundOf(element), isLarge ? 3 : 4.5);
  }
  for (const input of document.querySelectorAll("input"))
    need("placeholder", getComputedStyle(input, "::placeholder").color, groundOf(input), 4.5);
  for (const control of document.querySelectorAll("input, select, #scheme"))
    need(control.id, getComputedStyle(control).borderTopColor, groundOf(control.parentElement), 3);
  for (const bar of document.querySelectorAll("svg rect:not(.track)")) {
    const track = getComputedStyle(bar.parentElement.querySelector(".track")).fill;
    need("bar", getComputedStyle(bar).fill, over(track, "#fff"), 3);
  }
  return [seen, weak];
})();
