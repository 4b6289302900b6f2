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

// Names from outside: markup, another writing direction, ten thousand letters.
async function hostileNames() {
  const { page, context, complaints, picture } = await open(householdPage, { viewport: phone, colorScheme: 'light' });
  await page.getByText('What would you like?').waitFor();
  const bad = '<img src=x onerror=alert(1)> \u202Egnorw ' + 'x'.repeat(10_000);
  await page.route('**/api/v1/devices', (route) => route.fulfill({ json: { v: 1, devices: [
    { name: bad, kind: bad, owner: bad, link: 'direct', here: false, does: [bad, '{{7*7}}'], now: bad }] } }));
  await page.route('**/api/v1/ledger?*', (route) => route.fulfill({ json: { v: 1, entries: 1, intact: true, left_household: 0,
    rows: [{ time: '2026-11-22T16:00:00Z', from: bad, to: bad, what: bad, rule: bad, outcome: 'cleared', count: 1 }] } }));
  for (const name of ['Devices', 'Ledger']) {
    await tab(page, name);
    await page.locator('.view:visible').getByText('onerror').first().waitFor();
    assert.equal(await page.locator('main img').count(), 0, 'markup stays text');
    await noSideways(page, `hostile ${name}`);
  }
  await picture('hostile-phone-light');
  await page.route('**/api/v1/ask', (route) => route.abort());
  await tab(page, 'Ask');
  const turn = await say(page, bad.slice(0, 400));
  assert.match(await turn.innerText(), /can't be reached/);
  assert.deepEqual(complaints.filter((text) => !text.includes('ERR_FAILED')), [], 'the browser complains');
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
