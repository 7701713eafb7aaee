// A Kubernetes API server for comparison: Kubernetes' generic API server (k8s.io/apiserver) with ConfigMaps and Namespaces on etcd. It keeps
// protobuf, has a watch cache, authenticates bearer tokens and runs the admission that the library itself has (lifecycle of namespaces, both
// kinds of policies and of webhooks). What all of Kubernetes does besides for each request it leaves out: RBAC, the service account's token,
// priority and fairness, the audit log, validation of ConfigMaps; so it is, if anything, faster. Built by build.sh, started by ../api-kubernetes.ts.
package main

import (
	"context"
	"flag"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	webhookinit "k8s.io/apiserver/pkg/admission/plugin/webhook/initializer"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/token/tokenfile"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/compatibility"

	noopoteltrace "go.opentelemetry.io/otel/trace/noop"

	"headway/openapi"
)

var (
	scheme = runtime.NewScheme()
	codecs = serializer.NewCodecFactory(scheme)
	must   = utilruntime.Must
)

// resource is a kind whose stored form is its only form.
type resource struct {
	group, plural, singular string
	namespaced              bool
	object, list            runtime.Object
}

var resources = []resource{
	{"", "configmaps", "configmap", true, &corev1.ConfigMap{}, &corev1.ConfigMapList{}},
	{"", "namespaces", "namespace", false, &corev1.Namespace{}, &corev1.NamespaceList{}},
	// Admission watches these, so they must be there to be synced.
	{admissionregistrationv1.GroupName, "validatingwebhookconfigurations", "", false, &admissionregistrationv1.ValidatingWebhookConfiguration{}, &admissionregistrationv1.ValidatingWebhookConfigurationList{}},
	{admissionregistrationv1.GroupName, "mutatingwebhookconfigurations", "", false, &admissionregistrationv1.MutatingWebhookConfiguration{}, &admissionregistrationv1.MutatingWebhookConfigurationList{}},
	{admissionregistrationv1.GroupName, "validatingadmissionpolicies", "", false, &admissionregistrationv1.ValidatingAdmissionPolicy{}, &admissionregistrationv1.ValidatingAdmissionPolicyList{}},
	{admissionregistrationv1.GroupName, "validatingadmissionpolicybindings", "", false, &admissionregistrationv1.ValidatingAdmissionPolicyBinding{}, &admissionregistrationv1.ValidatingAdmissionPolicyBindingList{}},
	{admissionregistrationv1.GroupName, "mutatingadmissionpolicies", "", false, &admissionregistrationv1.MutatingAdmissionPolicy{}, &admissionregistrationv1.MutatingAdmissionPolicyList{}},
	{admissionregistrationv1.GroupName, "mutatingadmissionpolicybindings", "", false, &admissionregistrationv1.MutatingAdmissionPolicyBinding{}, &admissionregistrationv1.MutatingAdmissionPolicyBindingList{}},
}

func init() {
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	must(corev1.AddToScheme(scheme))
	must(admissionregistrationv1.AddToScheme(scheme))
	for _, r := range resources {
		scheme.AddKnownTypes(schema.GroupVersion{Group: r.group, Version: runtime.APIVersionInternal}, r.object, r.list)
	}
}

// strategy validates nothing.
type strategy struct {
	runtime.ObjectTyper
	names.NameGenerator
	namespaced bool
}

func (s strategy) NamespaceScoped() bool                                               { return s.namespaced }
func (strategy) PrepareForCreate(context.Context, runtime.Object)                      {}
func (strategy) PrepareForUpdate(_ context.Context, _, _ runtime.Object)               {}
func (strategy) Validate(context.Context, runtime.Object) field.ErrorList              { return nil }
func (strategy) ValidateUpdate(_ context.Context, _, _ runtime.Object) field.ErrorList { return nil }
func (strategy) WarningsOnCreate(context.Context, runtime.Object) []string             { return nil }
func (strategy) WarningsOnUpdate(_ context.Context, _, _ runtime.Object) []string      { return nil }
func (strategy) AllowCreateOnUpdate() bool                                             { return false }
func (strategy) AllowUnconditionalUpdate() bool                                        { return true }
func (strategy) Canonicalize(runtime.Object)                                           {}

func attributes(object runtime.Object) (labels.Set, fields.Set, error) {
	meta := object.(metav1.Object)
	return meta.GetLabels(), fields.Set{"metadata.name": meta.GetName(), "metadata.namespace": meta.GetNamespace()}, nil
}

type store struct {
	*genericregistry.Store
	singular string
}

func (s store) GetSingularName() string { return s.singular }

func newStore(r resource, getter generic.RESTOptionsGetter) rest.Storage {
	rules := strategy{scheme, names.SimpleNameGenerator, r.namespaced}
	name := schema.GroupResource{Group: r.group, Resource: r.plural}
	made := &genericregistry.Store{
		NewFunc:     func() runtime.Object { return r.object.DeepCopyObject() },
		NewListFunc: func() runtime.Object { return r.list.DeepCopyObject() },
		PredicateFunc: func(label labels.Selector, field fields.Selector) storage.SelectionPredicate {
			return storage.SelectionPredicate{Label: label, Field: field, GetAttrs: attributes}
		},
		DefaultQualifiedResource: name, SingularQualifiedResource: schema.GroupResource{Group: r.group, Resource: r.singular},
		CreateStrategy: rules, UpdateStrategy: rules, DeleteStrategy: rules,
		TableConvertor: rest.NewDefaultTableConvertor(name),
	}
	must(made.CompleteWithOptions(&generic.StoreOptions{RESTOptions: getter, AttrFunc: attributes}))
	return store{made, r.singular}
}

func storageOptions(etcd string) *options.EtcdOptions {
	backend := storagebackend.NewDefaultConfig("/registry", nil)
	backend.Transport.ServerList = []string{etcd}
	storage := options.NewEtcdOptions(backend)
	storage.DefaultStorageMediaType = runtime.ContentTypeProtobuf
	return storage
}

func main() {
	port := flag.Int("port", 0, "where to serve, on the loopback")
	etcd := flag.String("etcd", "", "URL of etcd")
	tokens := flag.String("tokens", "", "file of tokens: token,user,uid,group")
	certificates := flag.String("certificates", "", "folder for the server's own certificate")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	config := server.NewRecommendedConfig(codecs)
	config.EffectiveVersion = compatibility.NewEffectiveVersionFromString("1.36", "1.35", "1.33")
	config.FeatureGate = utilfeature.DefaultFeatureGate
	config.ExternalAddress = "127.0.0.1"
	serving := options.NewSecureServingOptions().WithLoopback()
	serving.BindAddress, serving.BindPort, serving.ServerCert.CertDirectory = net.IPv4(127, 0, 0, 1), *port, *certificates
	must(serving.MaybeDefaultWithSelfSignedCerts("localhost", nil, []net.IP{net.IPv4(127, 0, 0, 1)}))
	must(serving.ApplyTo(&config.SecureServing, &config.LoopbackClientConfig))

	authenticator, err := tokenfile.NewCSV(*tokens)
	must(err)
	config.Authentication.Authenticator = bearertoken.New(authenticator)
	config.Authorization.Authorizer = authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)
	server.AuthorizeClientBearerToken(config.LoopbackClientConfig, &config.Authentication, &config.Authorization)
	client, err := kubernetes.NewForConfig(config.LoopbackClientConfig)
	must(err)
	dynamicClient, err := dynamic.NewForConfig(config.LoopbackClientConfig)
	must(err)
	config.SharedInformerFactory, config.ClientConfig = informers.NewSharedInformerFactory(client, 10*time.Minute), config.LoopbackClientConfig

	storage := storageOptions(*etcd)
	encoding := serverstorage.NewDefaultResourceEncodingConfig(scheme)
	must(storage.ApplyWithStorageFactoryTo(serverstorage.NewDefaultStorageFactory(storage.StorageConfig, storage.DefaultStorageMediaType, codecs, encoding, serverstorage.NewResourceConfig(), nil), &config.Config))
	webhooks := webhookinit.NewPluginInitializer(
		webhook.NewDefaultAuthenticationInfoResolverWrapper(nil, nil, config.LoopbackClientConfig, noopoteltrace.NewTracerProvider()), webhook.NewDefaultServiceResolver())
	must(options.NewAdmissionOptions().ApplyTo(&config.Config, config.SharedInformerFactory, client, dynamicClient, config.FeatureGate, config.EffectiveVersion, webhooks))
	namer := openapinamer.NewDefinitionNamer(scheme)
	config.OpenAPIConfig = server.DefaultOpenAPIConfig(openapi.GetOpenAPIDefinitions, namer)
	config.OpenAPIV3Config = server.DefaultOpenAPIV3Config(openapi.GetOpenAPIDefinitions, namer)

	generic, err := config.Complete().New("headway-comparison", server.NewEmptyDelegate())
	must(err)
	core := server.NewDefaultAPIGroupInfo("", scheme, metav1.ParameterCodec, codecs)
	admission := server.NewDefaultAPIGroupInfo(admissionregistrationv1.GroupName, scheme, metav1.ParameterCodec, codecs)
	groups := map[string]map[string]rest.Storage{"": {}, admissionregistrationv1.GroupName: {}}
	for _, r := range resources {
		groups[r.group][r.plural] = newStore(r, config.RESTOptionsGetter)
	}
	core.VersionedResourcesStorageMap["v1"], admission.VersionedResourcesStorageMap["v1"] = groups[""], groups[admissionregistrationv1.GroupName]
	must(generic.InstallLegacyAPIGroup("/api", &core))
	must(generic.InstallAPIGroup(&admission))
	generic.AddPostStartHookOrDie("default-namespace", func(hook server.PostStartHookContext) error {
		_, err := client.CoreV1().Namespaces().Create(hook, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceDefault}}, metav1.CreateOptions{})
		return err
	})
	must(generic.PrepareRun().RunWithContext(ctx))
}
