// Drives the page as a person would, on a wide screen and on a phone, by day and by night, and leaves pictures.
//
//   node page.mjs CHROMIUM PAGE_WITH_TOKEN PERSONAL_PAGE_WITH_TOKEN FOLDER_FOR_PICTURES
//
// The lights are real programs behind a real broker (tests/live/page_test.py); nothing in here is made up but the clicks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const [executablePath, householdPage, personalPage, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1100, height: 800 };
const phone = { width: 390, height: 844 };

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

// A page of its own, with everything the browser complains about written down.
async function open(address, options) {
  const context = await browser.newContext({ locale: 'en-GB', deviceScaleFactor: 2, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(address).origin)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(address);
  return { page, context, complaints, picture: (name) => page.screenshot({ path: join(pictures, `${name}.png`) }) };
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(', ')}`);
  assert.deepEqual(told, [], `${what}: not accessible to everybody`);
}

async function noSideways(page, what) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wider, 0, `${what}: wider than the screen`);
}

const tab = (page, name) => page.getByRole('navigation').getByRole('button', { name }).click();

async function say(page, text) {
  await page.getByLabel('Say what you want').fill(text);
  await page.getByRole('button', { name: 'Ask', exact: true }).last().click();
  const turn = page.locator('.turn').last();
  await turn.locator('.answer').first().waitFor();
  await turn.locator('.hearing').waitFor({ state: 'detached' });
  return turn;
}

async function everydayLife() {
  const { page, context, complaints, picture } = await open(householdPage, { viewport: wide, colorScheme: 'light' });
  await page.getByText('What would you like?').waitFor();
  assert.ok(!page.url().includes('ambit_'), 'the token left the address');
  await picture('ask-empty-wide-light');
  await accessible(page, 'the empty page');

  const done = await say(page, 'turn on the kitchen light');
  assert.match(await done.innerText(), /Kitchen Light on/);
  assert.match(await done.innerText(), /done by\s+hub/);
  await done.getByRole('button', { name: 'Why?' }).click();
  await done.locator('.chain li').first().waitFor();
  assert.match(await done.innerText(), /because somebody said "turn on the kitchen light"/);
  await say(page, 'is the kitchen light on');
  const lost = await say(page, 'colourless green ideas sleep furiously');
  assert.match(await lost.innerText(), /did not understand/);
  await picture('ask-wide-light');
  await accessible(page, 'after asking');

  await tab(page, 'Devices');
  await page.locator('#devices > li').first().waitFor();
  assert.match(await page.locator('#devices').innerText(), /hub/);
  await picture('devices-wide-light');
  await accessible(page, 'the devices');
  await tab(page, 'Why');
  await page.getByLabel('What happened').fill('kitchen light');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.locator('#chain li').first().waitFor();
  await picture('why-wide-light');
  await tab(page, 'Ledger');
  await page.locator('#ledger li').first().waitFor();
  assert.match(await page.locator('#ledger-sum').innerText(), /chain intact/);
  await picture('ledger-wide-light');
  await accessible(page, 'the ledger');
  await page.reload();
  await page.locator('#ledger li').first().waitFor();  // it knows its token, and where it was
  assert.deepEqual(complaints.filter((text) => !text.includes('404')), [], 'the browser complains');
  await context.close();
}

async function onAPhoneAtNight() {
  const { page, context, complaints, picture } =
    await open(personalPage, { viewport: phone, colorScheme: 'dark', isMobile: true, hasTouch: true });
  await page.getByText('What would you like?').waitFor();
  await picture('ask-empty-phone-dark');
  await noSideways(page, 'the empty page');
  const waits = await say(page, 'unlock the front door');
  assert.match(await waits.innerText(), /needs a yes/);
  await page.getByRole('button', { name: 'Yes' }).waitFor();
  await picture('pending-phone-dark');
  await accessible(page, 'a question that waits');
  await noSideways(page, 'a question that waits');
  await page.getByRole('button', { name: 'Yes' }).click();
  await page.locator('#pending').waitFor({ state: 'hidden' });
  await waits.locator('.answer.done').waitFor();  // what came of it is told where it was asked
  await say(page, 'turn on the bedroom light');
  await picture('ask-phone-dark');
  for (const name of ['Devices', 'Why', 'Ledger']) {
    await tab(page, name);
    await page.waitForTimeout(300);
    await picture(`${name.toLowerCase()}-phone-dark`);
    await noSideways(page, name);
    await accessible(page, name);
  }
  await page.getByRole('button', { name: 'Forget the token' }).click();
  await page.getByText('Let this browser in').waitFor();
  await picture('enter-phone-dark');
  await accessible(page, 'the way in');
  await page.getByLabel('Token').fill('ambit_00');
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByRole('alert').filter({ hasText: 'no valid token' }).waitFor();
  assert.deepEqual(complaints.filter((text) => !text.includes('401') && !text.includes('404')), [], 'the browser complains');
  await context.close();
}

// Names from outside: markup, templates, letters and an emoji, two ways to turn the text behind them, ten thousand letters.
const bad = '<img src=x onerror=alert(1)> {{7*7}} ${7*7} \u05d0\u05d1 💡 \u2069\u202egnorw\u2066 ' + 'x'.repeat(10_000);

// What such a name did to the page, in words; nothing, if it stayed a name.
const harm = (page) => page.evaluate(() => [
  document.querySelectorAll('main img, main script, #pending img, #state img').length > 0 ? 'markup' : '',
  /[\u2028-\u202e\u2066-\u2069]/.test(document.body.innerText + document.title) ? 'direction' : '',
  document.documentElement.scrollWidth > document.documentElement.clientWidth ? 'wider than the screen' : '',
  document.querySelector('header').offsetHeight > 0.75 * innerHeight ? 'a header over everything' : '',
].filter(Boolean));

// The daemon's answers, with such a name wherever there is one.
async function answersWithHostileNames(page) {
  const json = (path, body) => page.route(`**/api/v1/${path}`, (route) => route.fulfill({ json: { v: 1, ...body } }));
  const soon = new Date(Date.now() + 3600_000).toISOString();
  const failed = { number: 6009, text: bad, detail: bad, next_step: bad };
  const turn = [
    { text: bad, outcome: 'done', ok: true, capability: bad, done_by: bad, done_ms: 3, request_id: 'aa' },
    { text: bad, outcome: 'pending', ok: false, confirm_on: [bad, bad], expires_s: 30, request_id: 'bb' },
    { text: 'Lamp', outcome: 'not_done', ok: false, error: failed }];
  const events = [...turn.map((answer) => ['answer', answer]),
    ['done', { understood: true, answers: turn, choices: [{ label: bad }, { label: '{{7*7}}' }] }]];
  await json('devices', { devices: [
    { name: bad, kind: bad, owner: bad, link: 'direct', here: false, does: [bad, '{{7*7}}'], now: bad }] });
  await json('ledger?*', { entries: 1, intact: true, left_household: 0, rows: [
    { time: soon, from: bad, to: bad, what: bad, rule: bad, outcome: 'cleared', count: 1 },
    { time: soon, from: bad, to: bad, what: bad, reason: bad, outcome: 'refused', count: 2 }] });
  await json('status', { household: { name: bad }, device: { name: bad }, links: { up: 1, known: 2 }, health: { bad: 0 },
    client: { name: 'page', audience: 'person:Anna', may_confirm: true } });
  await json('pending', { pending: Array.from({ length: 8 }, (_, i) => (
    { id: `${i}`, text: bad, asked_by: bad, for: bad, expires: soon, here: true })) });
  await json('why?*', { chain: [{ depth: 0, time: soon, what: bad, by: bad, told_by: bad, rule: bad },
    { depth: 1, what: bad, told_by: bad }], withheld: [bad] });
  await page.route('**/api/v1/confirm', (route) => route.fulfill({ status: 404, json: { v: 1, error: failed } }));
  await page.route('**/api/v1/ask', (route) => route.fulfill({ contentType: 'text/event-stream',
    body: events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('') }));
}

async function hostileNames() {
  const { page, context, complaints, picture } = await open(householdPage, { viewport: phone, colorScheme: 'light' });
  page.on('dialog', (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.getByText('What would you like?').waitFor();
  const unharmed = async (what) => {
    assert.deepEqual(await harm(page), [], what);
    await accessible(page, `hostile ${what}`);
    await picture(`hostile-${what}-phone-light`);
  };
  await answersWithHostileNames(page);
  await page.reload();
  await page.getByRole('button', { name: 'Yes' }).first().waitFor();
  await unharmed('pending');
  const last = page.getByRole('button', { name: 'Yes' }).last();  // of more than the screen holds
  const confirmed = page.waitForRequest('**/api/v1/confirm');
  await last.click();
  assert.equal((await confirmed).postDataJSON().id, '7');
  await page.locator('#state').getByText('onerror').waitFor();
  await unharmed('refusal');
  await page.route('**/api/v1/pending', (route) => route.fulfill({ json: { v: 1, pending: [] } }));
  await page.reload();
  await page.locator('#pending').waitFor({ state: 'hidden' });
  for (const name of ['Devices', 'Ledger', 'Why']) {
    await tab(page, name);
    await page.locator('.view:visible').getByText('onerror').first().waitFor();
    await unharmed(name.toLowerCase());
  }
  await tab(page, 'Ask');
  const turn = await say(page, bad.slice(0, 400));
  await turn.getByRole('button', { name: 'Why?' }).click();
  await turn.locator('.chain li').first().waitFor();
  assert.match(await turn.innerText(), /\{\{7\*7\}\} \$\{7\*7\} \u05d0\u05d1 💡/, 'letters, templates and emoji stay as they are');
  await unharmed('ask');
  await turn.getByRole('button', { name: /onerror/ }).click();
  await turn.getByRole('button', { name: /onerror/ }).scrollIntoViewIfNeeded();
  await unharmed('choices');
  await page.route('**/api/v1/ask', (route) => route.abort());
  assert.match(await (await say(page, bad.slice(0, 400))).innerText(), /can't be reached/);
  assert.deepEqual(complaints.filter((text) => !/ERR_FAILED|404/.test(text)), [], 'the browser complains');

  // The same name put in as markup is found out, and even then its script does not run.
  await page.locator('main').evaluate((main, text) => main.insertAdjacentHTML('beforeend', `<pre>${text}</pre>`), bad);
  assert.deepEqual(await harm(page), ['markup', 'direction', 'wider than the screen'], 'harm is seen');
  await page.waitForFunction(() => document.querySelector('main img').complete);
  assert.ok(complaints.some((text) => text.includes('Content Security Policy')), 'no inline script');
  assert.ok(!complaints.some((text) => text.includes('a dialog')), 'no dialog');
  await context.close();
}

try {
  await everydayLife();
  await onAPhoneAtNight();
  await hostileNames();
} finally {
  await browser.close();
}
console.log('In Chromium: asking, why, devices, ledger, a yes, coming and going, hostile names, accessibility: ok');
