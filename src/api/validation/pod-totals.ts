import type { Problems } from './problems.ts';
import type { PodSpec, ResourceRequirements } from '#api/generated/core/v1.ts';
import { add, compare, formatQuantity, parseQuantity, type Quantity } from '#api/quantity.ts';

const HUGE_PAGES = 'hugepages-';

/** What the containers ask for together must fit into what the pod asks for as a whole. */
export function validatePodTotals(problems: Problems, field: string, spec: PodSpec, { requests = {}, limits = {} }: ResourceRequirements): void {
  for (const [name, text] of Object.entries(requests)) {
    const total = totalOf(spec, 'requests', name);
    if (total !== undefined && compare(total, parseQuantity(text)) > 0) problems.invalid(`${field}.requests[${name}]`, String(text), `must be greater than or equal to aggregate container requests of ${formatQuantity(total)}`);
  }
  for (const [name, text] of Object.entries(limits)) {
    const total = name.startsWith(HUGE_PAGES) ? totalOf(spec, 'limits', name) : undefined;
    if (total !== undefined && compare(total, parseQuantity(text)) > 0) problems.invalid(`${field}.limits[${name}]`, String(text), `must be greater than or equal to aggregate container limits of ${formatQuantity(total)}`);
  }
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(container.resources?.limits ?? {})) {
      const limit = limits[name];
      if (limit !== undefined && compare(parseQuantity(text), parseQuantity(limit)) > 0) problems.invalid(`${field}.containers[${i}][${name}].limits`, String(text), `must be less than or equal to pod limits of ${limit}`);
    }
  }
}

/** Containers and sidecars run together; each other init container runs beside the sidecars before it. */
function totalOf(spec: PodSpec, side: 'requests' | 'limits', name: string): Quantity | undefined {
  let [together, sidecars, most]: (Quantity | undefined)[] = [undefined, undefined, undefined];
  for (const { resources } of spec.containers ?? []) together = sum(together, resources?.[side]?.[name]);
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const beside = sum(sidecars, resources?.[side]?.[name]);
    if (restartPolicy === 'Always') {
      together = sum(together, resources?.[side]?.[name]);
      sidecars = beside;
    }
    if (beside !== undefined && (most === undefined || compare(beside, most) > 0)) most = beside;
  }
  return most === undefined || (together !== undefined && compare(together, most) >= 0) ? together : most;
}

function sum(total: Quantity | undefined, text: string | number | undefined): Quantity | undefined {
  if (text === undefined) return total;
  const amount = parseQuantity(text);
  return total === undefined ? amount : add(total, amount);
}
