import type { Application, ApplicationSet } from '#api/headway/v1/types.ts';
import { applicationExpressionCauses } from '#policy/application-expressions.ts';
import type { Strategy } from '../strategy.ts';

type Validate = NonNullable<Strategy['validate']>;

/** An expression that does not compile would be found only when it is asked, which may be long after. */
export const validateApplicationExpressions: Validate = (written, live, _env, subresource) =>
  (subresource === '' ? applicationExpressionCauses('spec', (written as Application).spec, (live as Application | undefined)?.spec) : []);

export const validateTemplateExpressions: Validate = (written, live, _env, subresource) =>
  (subresource === '' ? applicationExpressionCauses('spec.template.spec', templateOf(written as ApplicationSet), templateOf(live as ApplicationSet | undefined)) : []);

/** What is missing of it is told by the rules of the kind. */
const templateOf = (set: Partial<ApplicationSet> | undefined) => (set?.spec as Partial<ApplicationSet['spec']> | undefined)?.template?.spec;
