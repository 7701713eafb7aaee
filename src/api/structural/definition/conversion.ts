import { caBundleProblem } from '#api/certificates/ca-bundle.ts';
import type { CustomResourceConversion, CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { dns1035Label } from '#api/names.ts';
import type { Problems } from '#api/validation/problems.ts';
import { validateWebhookClient } from '#api/validation/webhook-client.ts';
import { firstIndexes } from '#base/first-indexes.ts';

/** The forms of ConversionReview that this server speaks; Kubernetes accepts `v1beta1` too. */
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

export function checkConversion(problems: Problems, conversion: CustomResourceConversion, path: string): void {
  problems.oneOf(`${path}.strategy`, conversion.strategy, ['None', 'Webhook']);
  const { webhook } = conversion;
  const versions = webhook?.conversionReviewVersions ?? [];
  if (conversion.strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig !== undefined) problems.forbidden(`${path}.webhookClientConfig`, why);
    if (versions.length > 0) problems.forbidden(`${path}.conversionReviewVersions`, why);
    return;
  }
  if (webhook?.clientConfig === undefined) problems.required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook');
  else validateWebhookClient(problems, `${path}.webhookClientConfig`, webhook.clientConfig);
  checkReviewVersions(problems, versions, `${path}.conversionReviewVersions`);
}

/** A bundle that cannot be read is refused once objects depend on it: who makes a definition may not have the certificate yet, and a broken one may stay. */
export function checkBundle(problems: Problems, conversion: CustomResourceConversion, live: CustomResourceDefinition, path: string): void {
  const isEstablished = live.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
  if (!isEstablished || bundleProblem(live.spec.conversion) !== undefined) return;
  const problem = bundleProblem(conversion);
  if (problem !== undefined) problems.invalid(`${path}.webhookClientConfig.caBundle`, conversion.webhook?.clientConfig?.caBundle, problem);
}

/** What is wrong with the certificates of the webhook. */
export function bundleProblem(conversion: CustomResourceConversion | undefined): string | undefined {
  const bundle = conversion?.webhook?.clientConfig?.caBundle;
  return bundle ? caBundleProblem(bundle) : undefined;
}

function checkReviewVersions(problems: Problems, versions: readonly string[], path: string): void {
  if (versions.length === 0) return problems.required(path);
  const first = firstIndexes(versions);
  for (const [i, version] of versions.entries()) {
    if (first.get(version) !== i) problems.invalid(`${path}[${i}]`, version, 'duplicate version');
    else problems.check(`${path}[${i}]`, version, dns1035Label);
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) problems.invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`);
}
