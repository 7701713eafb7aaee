import { below, type Fields, hasMembers } from './field-sets.ts';

/** Fields of an object, walked from its root. */
export interface Selection {
  /** The value that was walked to is selected, with all below. */
  readonly isAll: boolean;
  member(name: string): Selection | undefined;
  /** `step` is how owners know the item, if they do. */
  item(step: string | undefined, index: number): Selection | undefined;
}

const ALL: Selection = { isAll: true, member: () => ALL, item: () => ALL };

/** RFC 6901, where `*` stands for any item or key. */
export const pointerSelection = (pointer: string): Selection => stepsSelection(pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')));

function stepsSelection([step, ...rest]: readonly string[]): Selection {
  if (step === undefined) return ALL;
  const select = (name: string): Selection | undefined => (step === '*' || step === name ? stepsSelection(rest) : undefined);
  return { isAll: false, member: select, item: (_step, index) => select(String(index)) };
}

/** All that is in sets of owned fields. */
export function fieldsSelection(fields: Fields): Selection {
  const select = (step: string | undefined): Selection | undefined => {
    const found = step === undefined ? [] : below(fields, step);
    if (found.length === 0) return undefined;
    return found.every(hasMembers) ? fieldsSelection(found) : ALL;
  };
  return { isAll: false, member: (name) => select(`f:${name}`), item: (step) => select(step) };
}
