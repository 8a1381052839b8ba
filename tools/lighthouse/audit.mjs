/* Audits pages on a phone: `node audit.mjs plan.json`. Reports go into the plan's folder, figures to stdout.

   A machine that does other work beside it makes a page slower, never faster: a page that is too slow is
   looked at twice more, and the run in the middle counts, as Lighthouse itself advises. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const plan = JSON.parse(await readFile(process.argv[2], "utf8"));
const categories = Object.keys(plan.limits);

/* A browser on a busy machine sometimes loses its own recording: that says nothing of the page. */
async function audit(port, page, tries = 3) {
  const result = await lighthouse(page.url, {
    port,
    logLevel: "error",
    output: ["html", "json"],
    onlyCategories: categories,
    skipAudits: page.skipped,
  });
  if (!result.lhr.runtimeError) { return result; }
  if (tries > 1) { return audit(port, page, tries - 1); }
  throw new Error(`${page.url}: ${result.lhr.runtimeError.message}`);
}

function score(result, category) { return Math.round(result.lhr.categories[category].score * 100); }

async function median(port, page) {
  const runs = [await audit(port, page)];
  while (runs.length < 3 && score(runs[0], "performance") < plan.limits.performance) {
    runs.push(await audit(port, page));
  }
  runs.sort((one, other) => score(one, "performance") - score(other, "performance"));
  return runs[Math.floor(runs.length / 2)];
}

function figures(page, result) {
  const found = Object.values(result.lhr.audits).filter((one) =>
    one.score !== null && one.score < 1 && !["informative", "manual", "notApplicable"].includes(one.scoreDisplayMode));
  return {
    name: page.name,
    scores: Object.fromEntries(categories.map((category) => [category, score(result, category)])),
    paint: result.lhr.audits["largest-contentful-paint"].numericValue,
    shift: result.lhr.audits["cumulative-layout-shift"].numericValue,
    blocked: result.lhr.audits["total-blocking-time"].numericValue,
    found: found.map((one) => `${one.id}: ${one.displayValue || one.title}`),
  };
}

const chrome = await launch({ chromePath: plan.chromium, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-quic"] });
try {
  const rows = [];
  for (const page of plan.pages) {
    const result = await median(chrome.port, page);
    await writeFile(join(plan.folder, `${page.name}.html`), result.report[0]);
    await writeFile(join(plan.folder, `${page.name}.json`), result.report[1]);
    rows.push(figures(page, result));
  }
  process.stdout.write(JSON.stringify(rows));
} finally {
  chrome.kill();
}
