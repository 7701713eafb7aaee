import { badRequest, invalid } from '#api/status-error.ts';
import { Problems } from '#api/validation/problems.ts';

const LOG_OPTIONS = { group: '', plural: '', kind: 'PodLogOptions' };

/** @throws StatusError Invalid, BadRequest for what is no number */
export function checkLogOptions(pod: string, search: string): void {
  const query = new URLSearchParams(search);
  const [tailLines, limitBytes, sinceSeconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((name) => integerOf(query.get(name)));
  const problems = new Problems();
  if (tailLines !== undefined && tailLines < 0) problems.invalid('tailLines', tailLines, 'must be greater than or equal to 0');
  if (limitBytes !== undefined && limitBytes < 1) problems.invalid('limitBytes', limitBytes, 'must be greater than 0');
  if (sinceSeconds !== undefined && query.get('sinceTime')) problems.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  else if (sinceSeconds !== undefined && sinceSeconds < 1) problems.invalid('sinceSeconds', sinceSeconds, 'must be greater than 0');
  if (problems.causes.length > 0) throw invalid(LOG_OPTIONS, pod, problems.causes);
}

function integerOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
