"""The API's description (OpenAPI 3.1), made from its routes, error classes and schemas."""
