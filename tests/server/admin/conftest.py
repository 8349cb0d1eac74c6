"""An owner who has signed in; what they do is in the modules beside this one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.services.imports import Imports
from tests.server.admin.forms import sign_in


@pytest.fixture
def visitor(own_app: Flask) -> FlaskClient:
    return own_app.test_client()


@pytest.fixture
def owner(visitor: FlaskClient, imports: Imports) -> FlaskClient:
    """Somebody who has signed in."""
    assert sign_in(visitor).status_code == 303
    return visitor
