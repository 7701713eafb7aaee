import type { MutatingWebhookConfiguration } from '#api/generated/admissionregistration/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { invalid } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { CelCompiler } from '#policy/cel.ts';
import { isEqual } from '../../storage/equality.ts';

type Configuration = MutatingWebhookConfiguration & KubeObject;

/** Refuses match conditions that do not compile; those of `live` that stay as they are were accepted once. @throws StatusError Invalid */
export function requireCompilable(compiler: CelCompiler, resource: ResourceType, configuration: Configuration, live: Configuration | undefined): void {
  const conditionsOf = ({ webhooks = [] }: Configuration): unknown => webhooks.map((w) => w.matchConditions ?? []);
  if (live && isEqual(conditionsOf(configuration), conditionsOf(live))) return;
  const causes = (configuration.webhooks ?? []).flatMap(({ matchConditions = [] }, i) =>
    matchConditions.flatMap(({ expression }, j) => problemOf(compiler, expression, `webhooks[${i}].matchConditions[${j}].expression`)));
  if (causes.length > 0) throw invalid(resource, configuration.metadata.name, causes);
}

function problemOf(compiler: CelCompiler, expression: string, field: string): readonly StatusCause[] {
  try {
    compiler.compile(expression, field);
    return [];
  } catch (error) {
    const { message } = asError(error);
    // The compiler's message may begin with the field, as the API's own does.
    return [{ reason: 'FieldValueInvalid', field, message: message.startsWith(`${field}: `) ? message.slice(field.length + 2) : `Invalid value: ${JSON.stringify(expression)}: ${message}` }];
  }
}
