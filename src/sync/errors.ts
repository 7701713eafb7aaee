import { HeadwayError } from '#base/errors.ts';

/** Why a repository cannot give its commit; the `reason` of the Repository's condition. */
export type SourceReason =
  | 'InvalidURL' | 'InvalidRef' | 'NotARepository' | 'UnsupportedRepository' | 'EmptyRepository' | 'RefNotFound' | 'NoMatchingVersion'
  | 'ObjectNotFound' | 'GitFailed' | 'GitMissing' | 'TimedOut' | 'InvalidSubmodule' | FetchReason | CredentialsReason | SignatureReason | ChartReason;
/** Why the other side could not be reached, or would not give. */
export type FetchReason = 'Unreachable' | 'AccessDenied' | 'HostKeyRefused' | 'CertificateRefused' | 'Redirected' | 'MirrorDamaged';
/** What is wrong with the Secret that holds the credentials. */
export type CredentialsReason = 'SecretNotFound' | 'InvalidCredentials' | 'KnownHostsMissing';
/** Why a commit is not accepted; `VerifierMissing` says that gpg or ssh-keygen is. */
export type SignatureReason = 'Unsigned' | 'SignatureRefused' | 'InvalidSigner' | 'VerifierMissing';

/** What is wrong with a chart, or with the repository that publishes it. */
export type ChartReason = 'ChartNotFound' | 'InvalidIndex' | 'InvalidChart' | 'ChartDamaged';

/** Only another spec mends these. */
const TERMINAL: ReadonlySet<SourceReason> = new Set(['InvalidURL', 'InvalidRef', 'InvalidSigner']);

/** Reading from a repository failed. Messages hold no credentials. */
export class SourceError extends HeadwayError<{ readonly reason: SourceReason }> {
  readonly code = 'sync-source';
  readonly isRetryable: boolean;

  constructor(reason: SourceReason, message: string, options?: ErrorOptions) {
    super(message, { reason }, options);
    this.isRetryable = !TERMINAL.has(reason);
  }
}
