import type { Default } from './fill.ts';

interface Entry {
  /** The value that an entry of the list holds. */
  read(entry: unknown): unknown;
  write(value: unknown): unknown;
}

/** Fields that were one value before they were a list are written in both forms: the value is the first of the list, and goes before it where they differ. */
export const inBothForms = (one: string, many: string, { read, write }: Entry): Default => (object) => {
  const list = Array.isArray(object[many]) ? (object[many] as readonly unknown[]) : [];
  const [first, value] = [read(list[0]), object[one]];
  if (!value) return first ? { ...object, [one]: first } : object;
  return value === first ? object : { ...object, [many]: [write(value)] };
};
