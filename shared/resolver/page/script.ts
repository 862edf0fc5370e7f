/**
 * The page's only script: while the page is visible, it asks for it again every ten seconds and
 * puts the new part in place, keeping what is open, selected and focused. Without it the page works
 * by its links and its form.
 */
export const SCRIPT = `
(() => {
  const at = (id) => document.getElementById(id);
  const form = at('find'), pause = at('pause'), clock = at('clock'), say = at('say');
  let tag = '', timer, typing, asked = 0, paused = false, shown = at('live').innerHTML;
  const tell = (text) => { if (say.textContent !== text) say.textContent = text; };
  const warn = (text) => { tell(text); clock.textContent = text; };
  const busy = (live) => {
    const chosen = getSelection();
    return chosen && !chosen.isCollapsed && live.contains(chosen.anchorNode);
  };
  const put = (text) => {
    const live = at('live');
    const next = new DOMParser().parseFromString(text, 'text/html').getElementById('live');
    if (!next) throw new Error('no page came');
    const came = next.innerHTML;
    if (came === shown) return;
    shown = came;
    const focused = live.contains(document.activeElement) && document.activeElement.id;
    for (const one of live.querySelectorAll('details')) {
      const same = next.querySelector('#' + CSS.escape(one.id));
      if (same) same.open = one.open;
    }
    live.replaceWith(document.adoptNode(next));
    if (focused) at(focused)?.focus({ preventScroll: true });
    tell(next.dataset.say);
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
      if (text && !busy(at('live'))) {
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
`;
