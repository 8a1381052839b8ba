"""Every address of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from mpp.core import language, styles
from mpp.core import views as core_views
from mpp.core.endpoints import unknown_address

urlpatterns = [
    # First, since in a rush nearly all that is asked for are the pages of numbers.
    path("", include("queueing.urls")),
    path("readyz", core_views.ready, name="ready"),
    path("tema.css", core_views.theme, name="theme"),
    path("manifest.webmanifest", core_views.manifest, name="manifest"),
    path("gaya/", styles.gallery, name="gallery"),
    path("gaya/<slug:version>.css", styles.citizen_sheet, name="citizen-sheet"),
    path("gambar/<slug:key>/<str:name>", core_views.picture, name="picture"),
    path("tanda/<slug:version>/<str:name>", core_views.sign, name="sign"),
    path("bahasa/<slug:language>/", language.switch, name="language"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("mpp.api_urls")),
    re_path(r"^api/", unknown_address),
    path("", include("mpp.notifications.urls")),
    path("", include("tenants.urls")),
    path("", include("services.urls")),
    path("", include("queueing.urls_floor")),
    path("", include("queueing.urls_console")),
    path("", include("queueing.urls_booking")),
    path("", include("queueing.urls_hall")),
]

handler400 = core_views.bad_request
handler403 = core_views.forbidden
handler404 = core_views.not_found
handler500 = core_views.server_error
