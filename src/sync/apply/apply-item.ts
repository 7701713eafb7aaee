import type { AppliedItem } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import { withoutIgnored } from '../policy/ignored-fields.ts';
import type { DesiredObject } from './desired-object.ts';

/** How an object is sent: of one that exists, ignored fields are left as they are. `find` gives it as it is now. */
export async function applyItem({ object, ignored, options }: Pick<DesiredObject, 'object' | 'ignored' | 'options'>, find: () => Promise<KubeObject | undefined>): Promise<AppliedItem> {
  const live = ignored.length > 0 ? await find() : undefined;
  return {
    apply: live ? withoutIgnored(object, live, ignored) : object,
    ...(options.replaces ? { replaces: true } : {}), ...(options.isLenient ? { fieldValidation: 'Ignore' } : {}),
  };
}
