"""Files over HTTP: POST /files and GET /files/{id}."""
