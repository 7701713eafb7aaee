import { always, both, degradedIf, field, healthyIf, isFalse, isTrue, isUnknown, not, phases, progressingIf, says, suspendedIf, type Clauses } from './clauses.ts';

const SUSPENDED = suspendedIf(field('spec.suspend', true));

/** Of Flux's toolkit: https://fluxcd.io/flux/components. */
const FLUX: Clauses = [
  SUSPENDED, degradedIf(isTrue('Stalled')), progressingIf(isTrue('Reconciling'), isFalse('Ready', { reasons: /^(Progressing|ProgressingWithRetry|DependencyNotReady|ArtifactFailed)$/ })),
  degradedIf(isFalse('Ready')), healthyIf(isTrue('Ready')),
];
const RUN: Clauses = [degradedIf(isFalse('Succeeded')), healthyIf(isTrue('Succeeded')), suspendedIf(field('spec.status', /Pending$/)), progressingIf(isUnknown('Succeeded'))];
const WORKFLOW: Clauses = [SUSPENDED, ...phases('status.phase', { healthy: /^Succeeded$/, degraded: /^(Failed|Error)$/ })];

/** Argo, Flux, Tekton and others that bring software into clusters. */
export const DELIVERY: Readonly<Record<string, Clauses>> = {
  'Application.argoproj.io': [
    degradedIf(field('status.health.status', /^(Degraded|Missing)$/)), suspendedIf(field('status.health.status', 'Suspended')),
    progressingIf(field('status.health.status', /^(Progressing|Unknown)$/), field('status.sync.status', 'OutOfSync')), healthyIf(field('status.health.status', 'Healthy')),
  ],
  'ApplicationSet.argoproj.io': [degradedIf(isTrue('ErrorOccurred')), progressingIf(isTrue('RolloutProgressing')), healthyIf(isTrue('ResourcesUpToDate'))],
  'AppProject.argoproj.io': [healthyIf(always)],
  'Rollout.argoproj.io': [degradedIf(isTrue('InvalidSpec')), ...phases('status.phase', { healthy: /^Healthy$/, degraded: /^Degraded$/, suspended: /^Paused$/ })],
  'AnalysisRun.argoproj.io': phases('status.phase', { healthy: /^Successful$/, degraded: /^(Failed|Error)$/, suspended: /^Inconclusive$/ }),
  'Experiment.argoproj.io': phases('status.phase', { healthy: /^Successful$/, degraded: /^(Failed|Error)$/, suspended: /^Inconclusive$/ }),
  'AnalysisTemplate.argoproj.io': [healthyIf(always)],
  'ClusterAnalysisTemplate.argoproj.io': [healthyIf(always)],
  'Workflow.argoproj.io': WORKFLOW,
  'WorkflowTemplate.argoproj.io': [healthyIf(always)],
  'ClusterWorkflowTemplate.argoproj.io': [healthyIf(always)],
  'CronWorkflow.argoproj.io': [degradedIf(isTrue('SpecError'), isTrue('SubmissionError')), SUSPENDED, suspendedIf(field('status.phase', 'Stopped')), healthyIf(always)],
  'EventBus.argoproj.io': [degradedIf(isFalse('Configured'), isFalse('Deployed')), healthyIf(both(isTrue('Configured'), isTrue('Deployed')))],
  'EventSource.argoproj.io': [degradedIf(isFalse('SourcesProvided'), isFalse('Deployed')), healthyIf(both(isTrue('SourcesProvided'), isTrue('Deployed')))],
  'Sensor.argoproj.io': [degradedIf(isFalse('DependenciesProvided'), isFalse('TriggersProvided'), isFalse('Deployed')), healthyIf(both(isTrue('DependenciesProvided'), isTrue('TriggersProvided'), isTrue('Deployed')))],

  'HelmRepository.source.toolkit.fluxcd.io': [SUSPENDED, healthyIf(field('spec.type', 'oci')), ...FLUX],
  '*.source.toolkit.fluxcd.io': FLUX,
  '*.kustomize.toolkit.fluxcd.io': FLUX,
  '*.helm.toolkit.fluxcd.io': FLUX,
  '*.image.toolkit.fluxcd.io': FLUX,
  'Receiver.notification.toolkit.fluxcd.io': FLUX,
  // From v1beta3 on they have no status.
  '*.notification.toolkit.fluxcd.io': [SUSPENDED, degradedIf(isFalse('Ready')), healthyIf(always)],
  'Canary.flagger.app': phases('status.phase', { healthy: /^(Initialized|Succeeded)$/, degraded: /^Failed$/, suspended: /^(Waiting|WaitingPromotion)$/ }),

  'PipelineRun.tekton.dev': RUN,
  'TaskRun.tekton.dev': RUN,
  'CustomRun.tekton.dev': RUN,
  'Run.tekton.dev': RUN,
  '*.operator.tekton.dev': [degradedIf(isFalse('Ready', { reasons: /^Error$/ })), healthyIf(isTrue('Ready'))],

  'Subscription.operators.coreos.com': [degradedIf(isTrue('CatalogSourcesUnhealthy'), isTrue('InstallPlanFailed'), isTrue('ResolutionFailed')), suspendedIf(both(field('spec.installPlanApproval', 'Manual'), isTrue('InstallPlanPending'))), healthyIf(field('status.state', 'AtLatestKnown'))],
  'ClusterServiceVersion.operators.coreos.com': phases('status.phase', { healthy: /^Succeeded$/, degraded: /^Failed$/ }),
  'InstallPlan.operators.coreos.com': phases('status.phase', { healthy: /^Complete$/, degraded: /^Failed$/, suspended: /^RequiresApproval$/ }),
  'CatalogSource.operators.coreos.com': phases('status.connectionState.lastObservedState', { healthy: /^READY$/, degraded: /^TRANSIENT_FAILURE$/ }),

  'SealedSecret.bitnami.com': [degradedIf(isFalse('Synced')), healthyIf(isTrue('Synced'), both(says('status.observedGeneration'), not(says('status.conditions'))))],
};
