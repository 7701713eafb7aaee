import type { Node, NodeStatus } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** What an agent says of itself that others may write over: they send whole objects, with nothing in what they do not mean. */
const OWN = ['capacity', 'allocatable', 'nodeInfo', 'daemonEndpoints', 'addresses'] as const satisfies readonly (keyof NodeStatus)[];
export type OwnStatus = Pick<NodeStatus, (typeof OWN)[number]>;

/** What was sent, in the form in which the API keeps it: amounts are written in another way, and others' are among them. */
export function ownAsKept(sent: NodeStatus, kept: NodeStatus | undefined): OwnStatus {
  return Object.fromEntries(OWN.map((field) => [field, only(kept?.[field], sent[field])])) as OwnStatus;
}

function only(kept: object | undefined, sent: object | undefined): unknown {
  if (Array.isArray(sent) || kept === undefined) return kept;
  return Object.fromEntries(Object.entries(kept).filter(([name]) => Object.hasOwn(sent ?? {}, name)));
}

/** Whether the Node shows what the agent has written of itself, whatever others have added. */
export const showsOwn = ({ status }: Node, own: OwnStatus): boolean => OWN.every((field) => jsonEqual(only(status?.[field], own[field]), own[field]));

/**
 * What can be used of the resources that the agent does not measure, and others say the node has: all of them. Null for those whose capacity has been
 * taken away again.
 */
export function usableOfOthers({ status }: Node, own: OwnStatus): Readonly<Record<string, string | number | null>> {
  const ofOthers = (amounts: Amounts = {}): readonly (readonly [string, string | number])[] => Object.entries(amounts).filter(([name]) => !Object.hasOwn(own.capacity ?? {}, name));
  return { ...Object.fromEntries(ofOthers(status?.allocatable).map(([name]) => [name, null])), ...Object.fromEntries(ofOthers(status?.capacity)) };
}

/** Whether as much of them is shown as can be used. */
export const showsUsable = ({ status }: Node, usable: ReturnType<typeof usableOfOthers>): boolean => Object.entries(usable).every(([name, amount]) => (status?.allocatable?.[name] ?? null) === amount);
