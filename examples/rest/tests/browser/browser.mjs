import { chromium } from 'playwright-core';

/** Chromium of the system; a sandbox needs a user other than root. @param {string} executablePath */
export function launch(executablePath) {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

export const DEVICES = {
  /** As narrow as WCAG 1.4.10 asks for. */
  small: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1 },
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1 },
};

/**
 * A reader with a browser of their own. Everything that the browser complains about is collected: errors, and what the
 * Content-Security-Policy refused.
 */
export async function reader(browser, { language = 'en', device = 'desktop', motion = 'reduce', ...more } = {}) {
  const context = await browser.newContext({ locale: language, reducedMotion: motion, ...DEVICES[device], ...more });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP refused ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} (${page.url()})`);
  });
  page.on('pageerror', (error) => complaints.push(`${error.stack ?? error} (${page.url()})`));
  page.on('dialog', (dialog) => {
    complaints.push(`a script asked: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.setDefaultTimeout(20_000);
  return { context, page, complaints };
}
