import { always, annotation, both, degradedIf, field, healthyIf, isFalse, isTrue, isUnknown, not, phases, progressingIf, READY, says, suspendedIf, type Clauses } from './clauses.ts';

const STRIMZI: Clauses = [
  suspendedIf(isTrue('ReconciliationPaused')), progressingIf(isTrue('NotReady', { reasons: /^Creating$/ })), degradedIf(isTrue('NotReady'), isFalse('Ready')), healthyIf(isTrue('Ready')),
];
const ELASTIC: Clauses = [
  degradedIf(field('status.phase', 'Invalid'), field('status.health', 'red')), progressingIf(field('status.phase', /^(ApplyingChanges|MigratingData)$/), field('status.health', /^(yellow|unknown)$/)), healthyIf(field('status.health', 'green')),
];
const ROOK = phases('status.phase', { healthy: /^(Ready|Connected|Created)$/, degraded: /^(Failure|Failed|ReconcileFailed|Error)$/ });
/** Jobs of the training operators, which only ever add conditions. */
const TRAINING: Clauses = [suspendedIf(isTrue('Suspended')), degradedIf(isTrue('Failed')), healthyIf(isTrue('Succeeded')), progressingIf(isTrue('Restarting')), healthyIf(isTrue('Running'))];

/** Databases, queues, storage and batch work. */
export const STATEFUL: Readonly<Record<string, Clauses>> = {
  '*.kafka.strimzi.io': STRIMZI,
  'KafkaRebalance.kafka.strimzi.io': [
    suspendedIf(isTrue('ReconciliationPaused'), isTrue('ProposalReady'), isTrue('Stopped')), degradedIf(isTrue('NotReady')), healthyIf(isTrue('Ready')), progressingIf(isTrue('New'), isTrue('PendingProposal'), isTrue('Rebalancing')),
  ],

  'Cluster.postgresql.cnpg.io': [
    suspendedIf(annotation('cnpg.io/hibernation', 'on')), degradedIf(field('status.phase', /unrecoverable|unable to|not enough|cannot|has failed|unknown/i)),
    healthyIf(field('status.phase', 'Cluster in healthy state'), both(isTrue('Ready'), not(says('status.phase')))), progressingIf(field('status.phase', /./), isFalse('Ready')),
  ],
  'Backup.postgresql.cnpg.io': phases('status.phase', { healthy: /^completed$/, degraded: /^(failed|walArchivingFailing)$/ }),
  'ScheduledBackup.postgresql.cnpg.io': [suspendedIf(field('spec.suspend', true)), healthyIf(always)],
  'Database.postgresql.cnpg.io': [degradedIf(field('status.applied', false)), healthyIf(field('status.applied', true))],
  'Pooler.postgresql.cnpg.io': [healthyIf(always)],
  'postgresql.acid.zalan.do': phases('status.PostgresClusterStatus', { healthy: /^Running$/, degraded: /(Failed|Invalid)$/ }),
  'PostgresCluster.postgres-operator.crunchydata.com': [suspendedIf(field('spec.paused', true), field('spec.shutdown', true)), degradedIf(isFalse('PGBackRestRepoHostReady')), healthyIf(isTrue('ProxyAvailable'), says('status.instances.readyReplicas'))],
  'MongoDBCommunity.mongodbcommunity.mongodb.com': phases('status.phase', { healthy: /^Running$/, degraded: /^Failed$/ }),
  'PerconaServerMongoDB.psmdb.percona.com': phases('status.state', { healthy: /^ready$/, degraded: /^error$/, suspended: /^paused$/ }),
  'PerconaXtraDBCluster.pxc.percona.com': phases('status.state', { healthy: /^ready$/, degraded: /^error$/, suspended: /^paused$/ }),
  'MariaDB.k8s.mariadb.com': [suspendedIf(field('spec.suspend', true)), ...READY],
  'RabbitmqCluster.rabbitmq.com': [degradedIf(isFalse('ReconcileSuccess'), isFalse('NoWarnings', { reasons: /Error/ })), healthyIf(both(isTrue('AllReplicasReady'), isTrue('ClusterAvailable'))), progressingIf(isFalse('AllReplicasReady'), isFalse('ClusterAvailable'))],
  '*.rabbitmq.com': READY,
  'CassandraDatacenter.cassandra.datastax.com': [suspendedIf(field('spec.stopped', true)), degradedIf(isFalse('Valid')), healthyIf(isTrue('Ready')), progressingIf(isFalse('Ready'))],

  'Elasticsearch.elasticsearch.k8s.elastic.co': ELASTIC,
  'Kibana.kibana.k8s.elastic.co': ELASTIC,
  'ApmServer.apm.k8s.elastic.co': ELASTIC,
  'Beat.beat.k8s.elastic.co': ELASTIC,
  'Agent.agent.k8s.elastic.co': ELASTIC,
  'Logstash.logstash.k8s.elastic.co': ELASTIC,
  'EnterpriseSearch.enterprisesearch.k8s.elastic.co': ELASTIC,

  'Volume.longhorn.io': [
    degradedIf(field('status.robustness', /^(degraded|faulted)$/)), progressingIf(field('status.state', /^(creating|attaching|detaching|deleting)$/)), healthyIf(field('status.robustness', 'healthy'), field('status.state', 'detached')), progressingIf(field('status.state', /./)),
  ],
  'BackupTarget.longhorn.io': [degradedIf(field('status.available', false)), healthyIf(field('status.available', true))],
  'Backup.longhorn.io': phases('status.state', { healthy: /^Completed$/, degraded: /^(Error|Unknown)$/ }),
  'Node.longhorn.io': READY,
  'CephCluster.ceph.rook.io': [degradedIf(field('status.ceph.health', 'HEALTH_ERR')), progressingIf(field('status.ceph.health', 'HEALTH_WARN')), ...ROOK],
  '*.ceph.rook.io': ROOK,
  'VolumeSnapshot.snapshot.storage.k8s.io': [degradedIf(says('status.error.message')), healthyIf(field('status.readyToUse', true)), progressingIf(field('status.readyToUse', false))],
  'DataVolume.cdi.kubevirt.io': phases('status.phase', { healthy: /^(Succeeded|PendingPopulation|WaitForFirstConsumer)$/, degraded: /^(Failed|Unknown)$/, suspended: /^Paused$/ }),

  'JAXJob.kubeflow.org': TRAINING,
  'MPIJob.kubeflow.org': TRAINING,
  'PaddleJob.kubeflow.org': TRAINING,
  'PyTorchJob.kubeflow.org': TRAINING,
  'TFJob.kubeflow.org': TRAINING,
  'XGBoostJob.kubeflow.org': TRAINING,
  'RayCluster.ray.io': [suspendedIf(field('spec.suspend', true)), ...phases('status.state', { healthy: /^ready$/, degraded: /^(failed|unhealthy)$/, suspended: /^suspended$/ })],
  'RayService.ray.io': [healthyIf(isTrue('Ready')), ...phases('status.serviceStatus', { healthy: /^Running$/, degraded: /^Fail/ })],
  'RayJob.ray.io': [suspendedIf(field('spec.suspend', true)), ...phases('status.jobDeploymentStatus', { healthy: /^Complete$/, degraded: /Failed$/, suspended: /^Suspended$/ })],
  'SparkApplication.sparkoperator.k8s.io': phases('status.applicationState.state', { healthy: /^(COMPLETED|RUNNING)$/, degraded: /FAILED|FAILING|INVALIDATING/ }),
  'FlinkDeployment.flink.apache.org': [suspendedIf(field('spec.job.state', 'suspended')), ...phases('status.lifecycleState', { healthy: /^STABLE$/, degraded: /^(FAILED|ROLLED_BACK|ROLLING_BACK)$/, suspended: /^SUSPENDED$/ })],
  'Workload.kueue.x-k8s.io': [degradedIf(isTrue('Evicted')), healthyIf(isTrue('Finished'), isTrue('Admitted')), progressingIf(isFalse('Admitted'), isUnknown('Admitted'))],
};
