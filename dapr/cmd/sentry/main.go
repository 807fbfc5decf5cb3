// Command sentry is Dapr's own certificate authority with all of its ports on one interface. See ../../README.md.
package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dapr/dapr/cmd/sentry/options"
	"github.com/dapr/dapr/pkg/buildinfo"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/sentry"
	"github.com/dapr/dapr/pkg/sentry/config"
	"github.com/dapr/dapr/pkg/sentry/monitoring"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"
)

var log = logger.NewLogger("dapr.sentry")

// main follows Run in cmd/sentry/app/app.go of dapr v1.18.2, which takes --healthz-listen-address and
// --metrics-listen-address and listens on every interface all the same. It leaves out the parts for Kubernetes, for JWTs that
// sentry issues, and the reload of credentials that changed on disk: a restart does that.
func main() {
	opts := options.New(os.Args[1:])
	if err := opts.Validate(); err != nil {
		log.Fatalf("Invalid options: %s", err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	log.Infof("Starting Dapr Sentry certificate authority -- version %s (FanOne build)", buildinfo.Version())
	if err := monitoring.InitMetrics(); err != nil {
		log.Fatal(err)
	}
	if err := run(signals.Context(), opts); err != nil {
		log.Fatal(err)
	}
	log.Info("Sentry shut down gracefully")
}

func run(ctx context.Context, opts *options.Options) error {
	conf, err := configuration(opts)
	if err != nil {
		return err // Dapr's own goes on with its defaults here, which sign for whoever asks
	}
	health := healthz.New()
	authority, err := sentry.New(ctx, sentry.Options{Config: conf, Healthz: health})
	if err != nil {
		return err
	}
	exporter := metrics.New(metrics.Options{
		Log:           log,
		Enabled:       opts.Metrics.Enabled(),
		Namespace:     metrics.DefaultMetricNamespace,
		Port:          opts.Metrics.Port(),
		ListenAddress: opts.Metrics.ListenAddress(),
		Healthz:       health,
	})
	address := net.JoinHostPort(opts.HealthzListenAddress, strconv.Itoa(opts.HealthzPort))
	serve := func(ctx context.Context) error { return serveHealth(ctx, address, health) }
	return concurrency.NewRunnerManager(serve, exporter.Start, authority.Start).Run(ctx)
}

func configuration(opts *options.Options) (config.Config, error) {
	conf, err := config.FromConfigName(opts.ConfigName, opts.Mode)
	conf.RootCertPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.RootCAFilename)
	conf.IssuerCertPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.IssuerCertFilename)
	conf.IssuerKeyPath = filepath.Join(opts.IssuerCredentialsPath, opts.X509.IssuerKeyFilename)
	conf.JWT.SigningKeyPath = filepath.Join(opts.IssuerCredentialsPath, config.DefaultJWTSigningKeyFilename)
	conf.JWT.JWKSPath = filepath.Join(opts.IssuerCredentialsPath, config.DefaultJWKSFilename)
	conf.TrustDomain = opts.TrustDomain
	conf.Port = opts.Port
	conf.ListenAddress = opts.ListenAddress
	conf.Mode = modes.DaprMode(opts.Mode)
	return conf, err
}

// serveHealth answers /healthz with 200 once every part is ready, 503 before.
func serveHealth(ctx context.Context, address string, health healthz.Healthz) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if !health.IsReady() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
