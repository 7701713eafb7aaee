import type { LabelSelector, LabelSelectorRequirement } from '#api/generated/meta/v1.ts';
import { badRequest } from '#api/status-error.ts';
import { integerOf, type Operator, parseRequirements } from './requirements.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
/** Whether an object with these labels is selected. */
export type LabelPredicate = (labels: Labels) => boolean;

/**
 * The text form of a query: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. Empty text selects everything.
 * @throws StatusError BadRequest.
 */
export const parseLabelSelector = (text: string): LabelPredicate => all(parseRequirements(text).map(({ key, operator, values }) => requirement(key, operator, values)));

/** Undefined selects nothing, a selector without terms everything. */
export function labelSelectorPredicate(selector: LabelSelector | undefined): LabelPredicate {
  if (selector === undefined) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelPredicate => (labels) => labelOf(labels, key) === value);
  return all([...equal, ...(selector.matchExpressions ?? []).map(expressionPredicate)]);
}

/** The selector of a Service or ReplicationController: plain labels, where none at all selects nothing. */
export function labelsPredicate(selector: Labels): LabelPredicate {
  const entries = Object.entries(selector ?? {});
  return entries.length === 0 ? () => false : (labels) => entries.every(([key, value]) => labelOf(labels, key) === value);
}

function all(predicates: readonly LabelPredicate[]): LabelPredicate {
  if (predicates.length === 1 && predicates[0] !== undefined) return predicates[0];
  return (labels) => predicates.every((matches) => matches(labels));
}

const labelOf = (labels: Labels, key: string): string | undefined => (labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined);

function expressionPredicate(expression: LabelSelectorRequirement): LabelPredicate {
  const operators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
  const operator = operators[expression.operator];
  if (operator === undefined) throw badRequest(`"${expression.operator}" is not a valid label selector operator`);
  return requirement(expression.key, operator, expression.values ?? []);
}

function requirement(key: string, operator: Operator, values: readonly string[]): LabelPredicate {
  const set = new Set(values);
  switch (operator) {
    case 'in': return (labels) => { const value = labelOf(labels, key); return value !== undefined && set.has(value); };
    case 'notin': return (labels) => { const value = labelOf(labels, key); return value === undefined || !set.has(value); };
    case 'exists': return (labels) => labelOf(labels, key) !== undefined;
    case '!': return (labels) => labelOf(labels, key) === undefined;
    case 'gt':
    case 'lt': {
      const bound = integerOf(values[0] ?? '') ?? 0n;
      return (labels) => {
        const value = integerOf(labelOf(labels, key) ?? '');
        return value !== undefined && (operator === 'gt' ? value > bound : value < bound);
      };
    }
  }
}
