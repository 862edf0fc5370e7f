/** Each page carries it: without indentation. */
const dedent = (text: string) => text.replace(/\n +/g, '\n');

/**
 * The page's only script: while the page is visible, it asks for it again every ten seconds and
 * puts the new parts in place, keeping what is open, selected and focused, and where one has
 * scrolled to. Without it the page works by its links and its form.
 */
export const SCRIPT = dedent(`
(() => {
  const at = (id) => document.getElementById(id);
  const form = at('find'), pause = at('pause'), clock = at('clock'), say = at('say');
  const parts = ['top', 'live'];
  const shown = Object.fromEntries(parts.map((id) => [id, at(id).innerHTML]));
  let tag = '', timer, typing, asked = 0, paused = false;
  const tell = (text) => { if (say.textContent !== text) say.textContent = text; };
  const warn = (text) => { tell(text); clock.textContent = text; };
  const busy = () => {
    const chosen = getSelection();
    return chosen && !chosen.isCollapsed && parts.some((id) => at(id).contains(chosen.anchorNode));
  };
  const twin = (one) => !one ? null : one.id ? at(one.id) : [...document.querySelectorAll('main a')].find((other) => other.getAttribute('href') === one.getAttribute('href'));
  const topmost = () => scrollY > 0 && [...at('live').querySelectorAll('a,summary')].find((one) => one.getBoundingClientRect().top >= 0);
  const swap = (id, next) => {
    const old = at(id), came = next.innerHTML;
    if (came === shown[id]) return;
    shown[id] = came;
    const focused = old.contains(document.activeElement) && document.activeElement;
    for (const one of old.querySelectorAll('details')) {
      const same = next.querySelector('#' + CSS.escape(one.id));
      if (same) same.open = one.open;
    }
    old.replaceWith(document.adoptNode(next));
    twin(focused)?.focus({ preventScroll: true });
  };
  const put = (text) => {
    const next = new DOMParser().parseFromString(text, 'text/html');
    if (parts.some((id) => !next.getElementById(id))) throw new Error('no page came');
    const before = at('top').dataset.say;
    const anchor = topmost(), place = anchor && anchor.getBoundingClientRect().top;
    for (const id of parts) swap(id, next.getElementById(id));
    const same = twin(anchor);
    if (same) scrollBy(0, same.getBoundingClientRect().top - place);
    document.title = next.title;
    if (at('top').dataset.say !== before) tell(at('top').dataset.say);
  };
  const update = async () => {
    clearTimeout(timer);
    const mine = ++asked;
    try {
      const answer = await fetch(location.pathname + location.search, { cache: 'no-store', headers: tag ? { 'if-none-match': tag } : {} });
      const text = answer.status === 200 ? await answer.text() : '';
      if (mine !== asked) return;
      if (answer.status === 401) return warn('You are signed out. Load this page again to sign in.');
      if (answer.status !== 200 && answer.status !== 304) throw new Error(answer.status);
      if (text && !busy()) {
        put(text);
        tag = answer.headers.get('etag') || '';
      }
      clock.textContent = 'Updated ' + new Date().toLocaleTimeString();
      if (say.dataset.lost) { delete say.dataset.lost; tell(''); }
    } catch {
      if (mine !== asked) return;
      say.dataset.lost = '1';
      warn('The resolver cannot be reached; what is shown is old.');
    }
    later();
  };
  const later = () => {
    clearTimeout(timer);
    if (!paused && !document.hidden) timer = setTimeout(update, 10000);
  };
  const find = () => {
    const said = [...new FormData(form)].filter(([, value]) => value !== '');
    const query = new URLSearchParams(said).toString();
    history.replaceState(null, '', location.pathname + (query && '?' + query));
    tag = '';
    update();
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); find(); });
  form.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(find, 250); });
  document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else if (!paused) update(); });
  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    clock.textContent = paused ? 'Paused' : '';
    if (!paused) return update();
    clearTimeout(timer);
    // An answer that is still on its way is not shown.
    asked++;
  });
  later();
})();
`);
