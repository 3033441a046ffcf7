"""The ways in which citizens and officials are reached; each passes the contract of `routing.notify.Way`."""
