import type { ServiceAccount } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';

type Account = ServiceAccount & KubeObject;

export const SERVICE_ACCOUNT: Strategy = {
  returnsDeleted: true,
  prepareCreate: (account) => withNamedSecrets(account as Account),
  prepareUpdate: (account) => withNamedSecrets(account as Account),
};

/** Secrets are those of the account's namespace: of a reference to one nothing but its name is kept. */
function withNamedSecrets(account: Account): Account {
  if (!account.secrets?.some((secret) => Object.keys(secret).some((key) => key !== 'name'))) return account;
  return { ...account, secrets: account.secrets.map(({ name }) => (name === undefined ? {} : { name })) };
}
