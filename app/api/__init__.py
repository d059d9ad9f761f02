"""HTTP; the only package that knows Litestar; a route is a file."""
