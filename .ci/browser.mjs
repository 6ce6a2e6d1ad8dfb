// Opens each page as a reader does, and fails where a browser complains, asks
// the network for something, or axe-core finds what keeps somebody out.
import { chromium } from 'playwright-core';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [, , executablePath, shots] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] }); // as root
let wrong = 0;
const check = (good, what) => {
  if (!good) {
    wrong++;
    console.log('WRONG:', what);
  }
};

async function open(file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const name = `${path.basename(file)} ${options.viewport.width}${options.colorScheme === 'dark' ? ' dark' : ''}${options.javaScriptEnabled === false ? ' without script' : ''}`;
  page.on('console', message => check(false, `${name}: console: ${message.text()}`));
  page.on('pageerror', error => check(false, `${name}: ${error.message}`));
  page.on('dialog', dialog => { check(false, `${name}: a dialog`); dialog.dismiss(); });
  page.on('request', request => check(request.url().split('#')[0] === url || request.url().startsWith('data:text/csv'), `${name}: asks for ${request.url().slice(0, 200)}`));
  await page.goto(url);
  return { page, name, context };
}

async function accessible(page, name) {
  // axe is put there past the page's policy, as a reader's own tool is.
  const session = await page.context().newCDPSession(page);
  await session.send('Page.enable');
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const expression = `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(r => JSON.stringify({ passes: r.passes.length, incomplete: r.incomplete.map(v => v.id), violations: r.violations.map(v => [v.id, v.help, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]) }))`;
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
  check(!exceptionDetails, `${name}: axe: ${exceptionDetails?.exception?.description}`);
  const found = JSON.parse(result.value ?? '{"violations":[],"passes":0}');
  check(found.passes > 10, `${name}: axe looked at ${found.passes} rules only`);
  for (const violation of found.violations) check(false, `${name}: axe: ${violation.join(' | ')}`);
  return found;
}

// How texts of the map really lie, as the browser has set them.
async function mapOverlaps(page) {
  return page.evaluate(() => {
    const bad = [];
    for (const svg of document.querySelectorAll('.map svg')) {
      const boxes = [...svg.querySelectorAll('text')].map(text => [text.getBBox(), text.textContent]);
      for (let i = 0; i < boxes.length; i++) {
        for (let j = 0; j < i; j++) {
          const [a, b] = [boxes[i][0], boxes[j][0]];
          if (a.x < b.x + b.width - .5 && b.x < a.x + a.width - .5 && a.y < b.y + b.height - 3 && b.y < a.y + a.height - 3) bad.push(`${boxes[i][1]} / ${boxes[j][1]}`);
        }
      }
    }
    return bad;
  });
}

const only = process.env.PAGES?.split(' '); // to look at some alone
const files = readdirSync('.').filter(name => name.endsWith('.html') && (!only || only.includes(name))).sort();
check(only || files.length >= 7, `only ${files.length} pages`);
for (const name of files) {
  const findings = (readFileSync(name, 'utf8').match(/<tbody role="rowgroup" id="finding-/g) ?? []).length;
  for (const options of [{ width: 360 }, { width: 1280 }, { width: 1920 }, { width: 1280, colorScheme: 'dark' }, { width: 1280, javaScriptEnabled: false }]) {
    const { width, ...rest } = options;
    const started = performance.now();
    const { page, name: title, context } = await open(name, { viewport: { width, height: 1000 }, colorScheme: 'light', ...rest });
    const took = performance.now() - started;
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${title}: is wider than the window`);
    check((await page.locator('.lead').innerText()).length > 20, `${title}: says nothing`);
    check(await page.locator('tbody[id^=finding]').count() === findings, `${title}: the findings are not all there`);
    for (const overlap of (await mapOverlaps(page)).slice(0, 3)) check(false, `${title}: on the map overlap ${overlap}`);
    if (rest.javaScriptEnabled === false) {
      check(await page.locator('.tools:visible').count() === 0, `${title}: shows tools that do nothing`);
      if (findings > 0) {
        await page.locator('tbody summary').first().click();
        check(await page.locator('.evidence').first().isVisible(), `${title}: a finding does not open`);
      }
    } else {
      const found = width === 1920 || findings > 50 && rest.colorScheme ? null : await accessible(page, title);
      await page.screenshot({ path: path.join(shots, `${path.basename(name, '.html')}-${width}${rest.colorScheme ? '-dark' : ''}.png`), fullPage: findings <= 50 });
      console.log(`${title}: ${findings} findings, opened in ${Math.round(took)} ms${found ? `, ${found.passes} rules of axe hold, ${found.violations.length} do not${found.incomplete.length ? `, for people to judge: ${found.incomplete}` : ''}` : ''}`);
    }
    await context.close();
  }
}

// What people do with the findings.
for (const name of files.filter(name => /^\d/.test(name) && name !== '0.html')) {
  const { page, name: title, context } = await open(name, { viewport: { width: 1280, height: 1000 }, colorScheme: 'light', acceptDownloads: true });
  const rows = page.locator('table.sortable > tbody');
  const all = await rows.count();
  const texts = () => rows.evaluateAll(list => list.filter(row => !row.hidden).map(row => row.querySelector('code').textContent));
  const started = performance.now();
  await page.locator('table.sortable thead button').nth(1).press('Enter');
  const sorted = await texts();
  check(sorted.length === all && sorted.every((mac, i) => i === 0 || sorted[i - 1] <= mac), `${title}: is not sorted by station`);
  check(await page.locator('th[aria-sort=ascending]').count() === 1, `${title}: does not say how it is sorted`);
  await page.locator('table.sortable thead button').nth(1).click();
  check((await texts())[0] === sorted.at(-1), `${title}: is not sorted the other way`);
  await page.locator('table.sortable thead button').nth(0).click();
  const ranks = await rows.evaluateAll(list => list.map(row => +row.rows[0].cells[0].dataset.sort));
  check(ranks.every((rank, i) => i === 0 || ranks[i - 1] <= rank), `${title}: is not sorted by severity`);
  await page.locator('[name=text]').fill(sorted[2]);
  check((await texts()).includes(sorted[2]) && (await texts()).length < all, `${title}: is not filtered by text`);
  check(/^\d+ of \d+ shown$/.test(await page.locator('#filters [role=status]').innerText()), `${title}: does not say how many are shown`);
  await page.locator('[name=text]').fill('');
  await page.locator('[name=severity]').selectOption({ index: 1 });
  check((await texts()).length < all || all < 5, `${title}: is not filtered by severity`);
  await page.locator('[name=severity]').selectOption('');
  console.log(`${title}: sorted three times and filtered twice in ${Math.round(performance.now() - started)} ms`);
  await page.locator('tbody summary').first().press('Enter');
  check(await page.locator('.evidence').first().isVisible(), `${title}: a finding does not open`);
  if (all <= 50) await accessible(page, `${title}, opened`);

  // A port on the map leads to its finding, and opens it.
  await page.locator('.map a').last().click();
  const target = (await page.evaluate(() => location.hash)).slice(1);
  check(await page.locator(`#${target} details[open]`).count() === 1, `${title}: a port on the map does not lead to its finding`);
  const width = () => page.locator('.map svg').first().evaluate(svg => svg.getBoundingClientRect().width);
  const before = await width();
  await page.locator('[data-zoom=in]').click();
  check(await width() > before, `${title}: the map does not get larger`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  const csv = readFileSync(await download.path(), 'utf8');
  check(csv.startsWith('\ufeffswitch,') && csv.trim().split('\r\n').length === all + 1, `${title}: the list as CSV has ${csv.trim().split('\r\n').length} lines`);
  const pdf = path.join(shots, `${path.basename(name, '.html')}.pdf`);
  await page.pdf({ path: pdf, preferCSSPageSize: true });
  check(readFileSync(pdf).length > 20000, `${title}: is not printed`);
  await context.close();
}
await browser.close();
console.log(wrong ? `${wrong} things are wrong` : `nothing is wrong in ${files.length} pages`);
process.exit(wrong ? 1 : 0);
