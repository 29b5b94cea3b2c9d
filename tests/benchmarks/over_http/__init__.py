"""The desk measured over HTTP: clients in processes of their own, and a bare view beside the real ones."""
