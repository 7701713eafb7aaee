/** The Go packages whose types Headway serves, and where their facts go. */
export interface ApiPackage {
  /** Import path below the Go source root. */
  readonly path: string;
  /** Name of the generated files, and prefix of type references: `core/v1`. */
  readonly id: string;
  /** API group; empty for the core group, undefined for packages without kinds of their own. */
  readonly group?: string;
  readonly version: string;
  /** No package of a distribution has it: its declarations stand below `declared/`, by `id`. */
  readonly isDeclared?: true;
}

const served = (directory: string, version: string, group: string): ApiPackage => ({
  path: `k8s.io/api/${directory}/${version}`,
  id: `${directory}/${version}`,
  group,
  version,
});

export const API_PACKAGES: readonly ApiPackage[] = [
  { path: 'k8s.io/apimachinery/pkg/apis/meta/v1', id: 'meta/v1', version: 'v1' },
  // What /version answers, which has no version of its own.
  { path: 'k8s.io/apimachinery/pkg/version', id: 'pkg/version', version: '' },
  served('core', 'v1', ''),
  served('admission', 'v1', 'admission.k8s.io'),
  served('admissionregistration', 'v1', 'admissionregistration.k8s.io'),
  served('apidiscovery', 'v2', 'apidiscovery.k8s.io'),
  served('apps', 'v1', 'apps'),
  served('authentication', 'v1', 'authentication.k8s.io'),
  served('authorization', 'v1', 'authorization.k8s.io'),
  served('autoscaling', 'v1', 'autoscaling'),
  served('autoscaling', 'v2', 'autoscaling'),
  served('batch', 'v1', 'batch'),
  served('certificates', 'v1', 'certificates.k8s.io'),
  served('coordination', 'v1', 'coordination.k8s.io'),
  served('discovery', 'v1', 'discovery.k8s.io'),
  served('events', 'v1', 'events.k8s.io'),
  served('flowcontrol', 'v1', 'flowcontrol.apiserver.k8s.io'),
  served('networking', 'v1', 'networking.k8s.io'),
  served('node', 'v1', 'node.k8s.io'),
  served('policy', 'v1', 'policy'),
  served('rbac', 'v1', 'rbac.authorization.k8s.io'),
  served('resource', 'v1', 'resource.k8s.io'),
  served('scheduling', 'v1', 'scheduling.k8s.io'),
  served('storage', 'v1', 'storage.k8s.io'),
  {
    path: 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1',
    id: 'apiextensions/v1',
    group: 'apiextensions.k8s.io',
    version: 'v1',
  },
  {
    path: 'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1',
    id: 'apiregistration/v1',
    group: 'apiregistration.k8s.io',
    version: 'v1',
    isDeclared: true,
  },
];
