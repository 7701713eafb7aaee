import type { Status } from '#api/generated/meta/v1.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiHandler, ApiRequest, UserInfo } from '#api/transport.ts';

/** Of somebody who decided by what was read before: when somebody else was faster, or it is gone, the watch tells what there is now. @throws StatusError for any other failure */
export async function writeAs(user: UserInfo, api: Pick<ApiHandler, 'handle'>, request: ApiRequest): Promise<void> {
  const { status, body } = await api.handle(request, user);
  if (status >= 300 && status !== 409 && status !== 404) throw StatusError.fromStatus(body as Status);
}
