/**
 * The form's only script: signs in by a ticket in the address's fragment, which no server and no
 * log sees, and takes it out of the address first.
 */
export const TICKET_SCRIPT = `
(() => {
  const [, ticket] = /^#ticket=([\\w.-]+)$/.exec(location.hash) || [];
  if (!ticket) return;
  history.replaceState(null, '', location.pathname + location.search);
  const form = document.querySelector('form');
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'ticket';
  field.value = ticket;
  form.append(field);
  form.submit();
})();
`;
