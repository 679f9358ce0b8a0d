"""Labour brokers and crew leaders: actors of their own, whose risk follows them."""
