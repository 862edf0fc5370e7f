import type { NameRules, NameTemplate } from './config.ts';
import { globToRegExp } from './glob.ts';
import { type Reader, toList } from './reader.ts';
import type { SettingName } from './settings.ts';

/** What a template may hold in braces, as its faults tell it. */
const PLACEHOLDERS = '{service}, {family}, {cluster}, {account} or {region}';
const PLACEHOLDER = /\{(?:service|family|cluster|account|region)\}/g;
/** Beside the placeholders: what a name holds. */
const PLAIN = /^[A-Za-z0-9_.-]*$/;
const GLOB = /^[A-Za-z0-9_*?-]{1,255}$/;
/** A name as it is in the end: dots and the like have become `-`. */
const NAME = /^[A-Za-z0-9_-]{1,63}$/;
/** A service or, without one, a task's family, each with its cluster. */
const OWNER = /^[A-Za-z0-9_-]{1,255}\/(?:family:)?[A-Za-z0-9_-]{1,255}$/;

/** The templates and the pinned names, each fault told with the setting, and what was expected. */
export const nameRulesIn = (read: Reader): Pick<NameRules, 'templates' | 'pinned'> => {
  if (read.text('profile') === 'registrator') refuseTemplates(read);
  const usual = { clusters: globToRegExp('*'), template: read.text('nameTemplate') };
  checkTemplate(read, 'nameTemplate', usual.template);
  return { templates: [...templatesIn(read), usual], pinned: pinnedIn(read) };
};

/** They would have no effect there, and whoever gives one counts on it. */
const refuseTemplates = (read: Reader) => {
  const [usual, byCluster] = [read.text('nameTemplate'), read.text('nameTemplates')];
  const what = 'nothing under ROLLCALL_PROFILE=registrator, which names tasks by their image';
  if (usual !== '{service}') read.refuse('nameTemplate', what, usual);
  if (byCluster) read.refuse('nameTemplates', what, byCluster);
};

const templatesIn = (read: Reader): readonly NameTemplate[] =>
  toList(read.text('nameTemplates'), ';').flatMap((entry) => {
    const [glob, template] = halvesOf(entry);
    if (!GLOB.test(glob) || template === '') {
      const what = 'cluster=template;… with a name or glob of clusters, such as prod-*={service}';
      read.refuse('nameTemplates', what, entry);
      return [];
    }
    checkTemplate(read, 'nameTemplates', template);
    return [{ clusters: globToRegExp(glob), template }];
  });

const checkTemplate = (read: Reader, setting: SettingName, template: string) => {
  const rest = template.replace(PLACEHOLDER, '');
  if (!PLAIN.test(rest)) {
    const what = `letters, digits, any of _ . - and, in braces, ${PLACEHOLDERS}`;
    read.refuse(setting, what, template);
  } else if (!/\{(?:service|family)\}/.test(template)) {
    read.refuse(setting, '{service} or {family} in it: all would have one name', template);
  }
};

const pinnedIn = (read: Reader): NameRules['pinned'] => {
  const pinned = new Map<string, readonly string[]>();
  for (const entry of toList(read.text('names'), ';')) {
    const [name, text] = halvesOf(entry);
    const owners = text.split('+').map((owner) => owner.trim());
    const key = name.toLowerCase();
    if (!NAME.test(name) || !owners.every((owner) => OWNER.test(owner))) {
      const what = 'name=cluster/service+cluster/service;…, or cluster/family:name for an owner';
      read.refuse('names', what, entry);
    } else if (pinned.has(key)) {
      read.refuse('names', 'each name once, with all of its owners', entry);
    } else pinned.set(key, owners);
  }
  return pinned;
};

const halvesOf = (entry: string): readonly [string, string] => {
  const at = entry.indexOf('=');
  return at < 0 ? [entry.trim(), ''] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
};
