import { PATH_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import { isJsonObject } from '#api/json.ts';
import { APPLICATIONS } from '#api/resources.ts';
import { identityOf } from '../inventory/identity.ts';
import { declaredAt, fingerprintAt, type DeclaredContext } from './declared.ts';

export interface ApplicationInTime {
  /** As it is today. */
  readonly application: Application;
  /** Of the Application that declares it from the same repository; absent when Git does not hold it there. */
  readonly parent: DeclaredContext | undefined;
  /** Told when it is read as it is today without its being known that it was the same at the commit. */
  readonly onToday: (revision: string) => void;
}

/** What an Application said at a commit: the manifest that another one declares there, else what it says today. Commits that declare the same are looked at once. */
export function applicationInTime({ application, parent, onToday }: ApplicationInTime): DeclaredContext['applicationAt'] {
  const known = new Map<string, Promise<Application | undefined>>();
  return async (revision) => {
    if (!parent) return isAsMade(application) ? application : today(revision);
    const key = await fingerprintAt(parent, revision);
    const found = known.get(key) ?? declaredApplication(application, parent, revision);
    known.set(key, found);
    return (await found) ?? today(revision);
  };

  function today(revision: string): Application {
    onToday(revision);
    return application;
  }
}

/** The first generation of a spec is the only one that there was. */
const isAsMade = ({ metadata: { generation } }: Application): boolean => generation === 1;

/** One that followed another repository then tells nothing of this one. */
async function declaredApplication(application: Application, parent: DeclaredContext, revision: string): Promise<Application | undefined> {
  const declared = await declaredAt(parent, { revision, identity: identityOf(APPLICATIONS, application), path: application.metadata.annotations?.[PATH_ANNOTATION] });
  const { spec } = (declared?.object ?? {}) as { readonly spec?: unknown };
  return isJsonObject(spec) && spec['repository'] === application.spec.repository ? { ...application, spec: spec as unknown as Application['spec'] } : undefined;
}
