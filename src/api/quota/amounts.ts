import { add, compare, formatQuantity, parseQuantity, subtract, type Quantity } from '#api/quantity.ts';

/** How much of each resource, by its name. */
export type Amounts = Readonly<Record<string, Quantity>>;
export type ResourceList = Readonly<Record<string, string | number>>;

export const ONE: Quantity = { nanos: 1_000_000_000n, format: 'DecimalSI' };
export const countOf = (count: number): Quantity => ({ nanos: BigInt(count) * ONE.nanos, format: 'DecimalSI' });

/** @throws StatusError BadRequest when a text is no quantity */
export const parseAmounts = (list: ResourceList | undefined): Amounts => mapValues(list ?? {}, parseQuantity);
export const formatAmounts = (amounts: Amounts): ResourceList => mapValues(amounts, formatQuantity);

export const addAmounts = (a: Amounts, b: Amounts): Amounts => merge(a, b, add);
export const largest = (a: Amounts, b: Amounts): Amounts => merge(a, b, (x, y) => (compare(x, y) >= 0 ? x : y));
export const sumOf = (parts: readonly Amounts[]): Amounts => parts.reduce<Amounts>(addAmounts, {});

/** By how much each amount grew; what shrank is left out. */
export function growth(now: Amounts, before: Amounts): Amounts {
  const grown = Object.entries(now).map(([name, amount]) => [name, before[name] === undefined ? amount : subtract(amount, before[name])] as const);
  return Object.fromEntries(grown.filter(([, amount]) => amount.nanos > 0n));
}

export const pick = (amounts: Amounts, names: Iterable<string>): Amounts => {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => wanted.has(name)));
};

/** The names whose amount is above the limit that is given for it. */
export const exceeding = (amounts: Amounts, limits: Amounts): readonly string[] =>
  Object.keys(amounts).filter((name) => limits[name] !== undefined && compare(amounts[name] as Quantity, limits[name]) > 0);

/** `pods=1,requests.cpu=100m`, in the order of names. */
export const textOf = (amounts: Amounts): string => Object.keys(amounts).toSorted().map((name) => `${name}=${formatQuantity(amounts[name] as Quantity)}`).join(',');

function merge(a: Amounts, b: Amounts, join: (x: Quantity, y: Quantity) => Quantity): Amounts {
  const result: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) result[name] = result[name] === undefined ? amount : join(result[name], amount);
  return result;
}

const mapValues = <A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
