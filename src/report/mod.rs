//! One file per output format: findings in, bytes out.
