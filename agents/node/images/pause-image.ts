import { HeadwayError } from '#base/errors.ts';
import { architectureOf, buildOciArchive, type OciArchive } from './oci-archive.ts';
import { pauseProgram } from './pause-program.ts';

export const PAUSE_IMAGE = 'headway.local/pause:1';

/** The machine's architecture has no sandbox program. */
export class UnsupportedArchitecture extends HeadwayError<{ readonly architecture: string }> {
  readonly code = 'unsupported-architecture';
  readonly isRetryable = false;
}

/** The sandbox image, under the name that containerd is configured with. Throws {@link UnsupportedArchitecture}. */
export function buildPauseImage(architecture: string = architectureOf(process.arch)): OciArchive {
  const content = pauseProgram(architecture);
  if (!content) throw new UnsupportedArchitecture(`no sandbox program for architecture ${architecture}; amd64 and arm64 have one`, { architecture });
  return buildOciArchive({
    name: PAUSE_IMAGE, architecture,
    files: [{ path: '/pause', mode: 0o755, body: { type: 'file', content } }],
    config: { Entrypoint: ['/pause'], WorkingDir: '/', User: '65535:65535' },
  });
}
