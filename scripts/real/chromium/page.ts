import type { Connection, Send } from './connection.ts';

export interface Page {
  /** Resolves when the page and all that it asked for is loaded. */
  go(url: string): Promise<void>;
  /** Clicks the button that this JavaScript expression finds; resolves when the page that it leads to is loaded. */
  submit(button: string): Promise<void>;
  /** The value of a JavaScript expression, as JSON; promises are waited for. Rejects with what it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** As if typed by a person, into whatever has the focus. */
  type(text: string): Promise<void>;
  /** One key by its name: Tab, Enter, Escape. */
  press(key: 'Tab' | 'Enter' | 'Escape'): Promise<void>;
  look(appearance: Appearance): Promise<void>;
  /** What is in view, as PNG. */
  screenshot(): Promise<Buffer>;
  /** JavaScript that runs before the page's own, whatever its policy. */
  before(script: string): Promise<void>;
  withoutScripts(): Promise<void>;
  /** Addresses that were asked for, oldest first. */
  readonly requested: readonly string[];
  /** What a developer would see in the console: errors, and what the content policy refused. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface Appearance {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

/** A tab in a browser context of its own. */
export const openPage = async (send: Send, listen: Connection['listen']): Promise<Page> => {
  const { browserContextId } = await send('Target.createBrowserContext');
  const { targetId } = await send('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const command = (method: string, params: object = {}) => send(method, params, sessionId);
  const requested: string[] = [];
  const complaints: string[] = [];
  let onLoad = () => {};
  listen(({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === 'Page.loadEventFired') onLoad();
    if (method === 'Network.requestWillBeSent') requested.push(params.request.url);
    if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.exception?.description);
    if (method === 'Log.entryAdded' && params.entry.level !== 'verbose') complaints.push(params.entry.text);
  });
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await command(`${domain}.enable`);

  const loading = () =>
    new Promise<void>((resolve) => {
      onLoad = resolve;
    });
  const evaluate: Page['evaluate'] = async (expression) => {
    const { result, exceptionDetails } = await command('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };

  return {
    requested,
    complaints,
    evaluate,
    async go(url) {
      const loaded = loading();
      const { errorText } = await command('Page.navigate', { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
      await loaded;
    },
    async submit(button) {
      const loaded = loading();
      await evaluate(`${button}.click()`);
      await loaded;
    },
    type: (text) => command('Input.insertText', { text }),
    async press(key) {
      const [code, text] = KEYS[key];
      const event = { key, code: key, windowsVirtualKeyCode: code, ...(text && { text }) };
      await command('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...event });
      await command('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
    async look({ width, height, scheme }) {
      const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
      await command('Emulation.setDeviceMetricsOverride', metrics);
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await command('Emulation.setEmulatedMedia', { features });
    },
    screenshot: async () =>
      Buffer.from((await command('Page.captureScreenshot', { format: 'png' })).data, 'base64'),
    before: (source) => command('Page.addScriptToEvaluateOnNewDocument', { source }),
    withoutScripts: () => command('Emulation.setScriptExecutionDisabled', { value: true }),
    close: () => send('Target.disposeBrowserContext', { browserContextId }),
  };
};

/** The code that browsers still give each key, and what it writes. */
const KEYS = { Tab: [9, ''], Enter: [13, '\r'], Escape: [27, ''] } as const;
