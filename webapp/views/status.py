"""How the service is: for load balancers and monitors."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from webapp.responses import release

bp = Blueprint("status", __name__)


@bp.get("/health")
def health() -> Response:
    """200 with the version that is served, once it is loaded."""
    opened = release()
    response = jsonify(status="ok", release=opened.version, date=opened.manifest["date"])
    response.cache_control.no_store = True
    return response
