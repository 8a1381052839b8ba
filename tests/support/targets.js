// What is too small for a thumb: [name, width, height] of every control under 48 px, but links in a sentence.
() => {
  const LEAST = 47.5;
  const shown = (node) => node.checkVisibility({ visibilityProperty: true })
    && node.closest(".sr-only, .skip, [aria-hidden=true]") === null;
  const own = (node) => (node.innerText || node.getAttribute("aria-label") || node.name || "").trim();
  // WCAG 2.5.8 leaves out what stands in a line of text: beside it there are other words of the same block.
  const inSentence = (node) => {
    if (node.tagName !== "A" || getComputedStyle(node).display !== "inline") { return false; }
    const block = node.closest("p, li, dd, small, td, span.text, .notice") || node.parentElement;
    const links = [...block.querySelectorAll("a")].map(own).join("");
    return block.innerText.replace(/\s/g, "").length > links.replace(/\s/g, "").length;
  };
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, label.tick, label.time";
  return [...document.querySelectorAll(controls)]
    .filter((node) => shown(node) && !(node.tagName === "INPUT" && node.closest("label")) && !inSentence(node))
    .map((node) => [own(node).slice(0, 40), node.getBoundingClientRect()])
    .filter(([, box]) => box.width < LEAST || box.height < LEAST)
    .map(([name, box]) => `${name} ${Math.round(box.width)} × ${Math.round(box.height)}`);
}
