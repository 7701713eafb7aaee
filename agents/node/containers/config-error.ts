import { HeadwayError } from '#base/errors.ts';

/** A container cannot be made from what its pod says now; a change of the pod or of what it names may help. */
export class ContainerConfigError extends HeadwayError<{ readonly container: string }> {
  readonly code = 'container-config';
  readonly isRetryable = true;
  /** Reason of the waiting state. */
  readonly reason: 'CreateContainerConfigError' | 'CreateContainerError' | 'RunContainerError';

  constructor(reason: ContainerConfigError['reason'], container: string, message: string, options?: ErrorOptions) {
    super(message, { container }, options);
    this.reason = reason;
  }
}
