import type { Rules } from '../config/config.ts';
import type { DeriveInput } from './derived.ts';
import { fitName } from './fit-name.ts';
import { isCounted, serviceOf } from './membership.ts';
import { isByService } from './name-owner.ts';
import { type NameRights, nameRights } from './name-rights.ts';
import { ecsNames, type Names, registratorNames } from './names.ts';
import { type Note, portText, type TaskPort } from './ports.ts';

export interface GrantedNames {
  readonly names: Names;
  readonly rights: NameRights;
}

/**
 * The names of a task's ports, without what is said of them and not theirs to bear: such a port
 * bears the name that it would have otherwise, and that is told. A run that counts by what it says
 * alone keeps what it says: without its name it is left out. What the template gives is granted
 * here as it is.
 */
export const grantedNames = (
  ports: readonly TaskPort[],
  input: DeriveInput,
  rules: Rules,
  note: Note,
): GrantedNames => {
  const { task, definition } = input;
  const rights = nameRights(input, rules);
  const sources = {
    plain: rights.plain,
    service: serviceOf(task),
    family: definition.family,
    tagged: tagIn(input, rules, rights, note),
  };
  const lost = { said: new Set<TaskPort>(), tagged: new Set<TaskPort>() };
  const counts = isCounted(task, rules);
  const advise = rules.names.labels !== 'none';
  for (;;) {
    const notes: string[] = [];
    const about = { note: (text: string) => notes.push(text), advise };
    const names = isByService(rules)
      ? ecsNames(ports, { ...sources, lost }, about)
      : registratorNames(ports, { ...sources, lost });
    const losers = counts ? ports.flatMap((port) => loserAt(port, names, rights)) : [];
    for (const { port, from, text } of losers) {
      (from === 'tag' ? lost.tagged : lost.said).add(port);
      note(text);
    }
    if (losers.length > 0) continue;
    for (const text of notes) note(text);
    return { names, rights };
  }
};

/** A port that may not bear the name that is said of it. */
const loserAt = (port: TaskPort, names: Names, rights: NameRights) => {
  const { name = '', raw = '', from = 'template' } = names.get(port) ?? {};
  const fault = name && from !== 'template' ? rights.faultOf(name, from) : '';
  if (!fault) return [];
  const word = from === 'tag' ? 'rollcall:name' : 'SERVICE_NAME';
  return [{ port, from, text: `${portText(port)}: ${word} ${raw} has no effect: ${fault}` }];
};

/** The name of the whole task, as its definition's tag has it. */
const tagIn = (
  { definition }: DeriveInput,
  rules: Rules,
  rights: NameRights,
  note: Note,
): string | undefined => {
  const said = definition.tags['rollcall:name']?.trim();
  if (!said) return undefined;
  const fault = rights.faultOf(isByService(rules) ? fitName(said) : said, 'tag');
  if (fault) note(`tag rollcall:name: ${said} has no effect: ${fault}`);
  return fault ? undefined : said;
};
