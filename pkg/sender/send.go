package sender

import (
	"context"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

func (s *Sender) send(_ context.Context, e routes.Endpoint, _ notice.Notice) error {
	return &Failure{What: "telling endpoint " + e.Name + ": kind " + string(e.Kind) + " is not sent by this package", Permanent: true}
}
