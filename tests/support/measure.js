// What a test asks of a screen: where its controls are, which text does not fit its box.
() => {
  const shown = node => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const frame = node => { const {left, top, right, bottom} = node.getBoundingClientRect(); return [left, top, right, bottom]; };
  const nodes = [...document.querySelectorAll("a, button")].filter(shown);
  const spilt = [];
  for (const box of document.querySelectorAll("a, button, .slot, .typed, .figures, .follow, .kiosk-head, .kiosk-say, h1, h2, p")) {
      if (!shown(box) || box.closest(".slip")) continue;
      const [left, top, right, bottom] = frame(box);
      const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
          if (!texts.currentNode.textContent.trim() || !shown(texts.currentNode.parentElement)) continue;
          const range = document.createRange();
          range.selectNodeContents(texts.currentNode);
          for (const line of range.getClientRects()) {
              // Ascent and descent of a line may stand out of a tight box; letters may not.
              const slack = line.height * 0.16;
              if (line.left < left - 1 || line.right > right + 1 || line.top < top - slack || line.bottom > bottom + slack
                  || line.bottom > innerHeight + slack) spilt.push(`${box.className}: ${texts.currentNode.textContent.trim()}`);
          }
      }
  }
  // From the top of a capital to the foot of the line: what ink there can be.
  const ink = node => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()].map(line => ({left: line.left, right: line.right,
          top: line.top + line.height * 0.2, bottom: line.top + line.height * 0.8}));
  };
  const over = [];
  for (const letters of document.querySelectorAll(".tile .prefix")) {
      if (!letters.textContent.trim() || !shown(letters)) continue;
      const [mark] = ink(letters);
      const others = [...letters.parentElement.children].filter(node => node !== letters && shown(node));
      for (const line of others.flatMap(ink)) {
          if (line.right > mark.left + 1 && line.left < mark.right && line.bottom > mark.top + 1 && line.top < mark.bottom)
              over.push(letters.parentElement.innerText.replace(/\s+/g, " "));
      }
  }
  const cut = [...document.querySelectorAll("main *")].filter(node => getComputedStyle(node).textOverflow === "ellipsis"
      || getComputedStyle(node).webkitLineClamp !== "none").map(node => node.className);
  return {
      controls: nodes.map(node => ({ name: (node.ariaLabel || node.innerText).trim(), kind: node.className, frame: frame(node) })),
      spilt: [...new Set(spilt)], over: [...new Set(over)], cut,
      scrolls: document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight,
      choices: document.querySelectorAll(".tile, .choice").length,
  };
}
