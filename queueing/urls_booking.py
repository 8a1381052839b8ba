"""Booked times: for citizens, the kiosk and staff.

Included before urls_hall: there anything below /anjungan/ is an agency's address.
"""

from __future__ import annotations

from django.urls import path

from queueing.views import booking, checkin, first, privacy, told

urlpatterns = [
    path("antrean/pesan/<slug:slug>/", booking.book_time, name="book-time"),
    path("pesanan/<str:token>/", booking.booking_page, name="booking"),
    path("pesanan/<str:token>/pindah/", booking.move_booking, name="booking-move"),
    path("t/<str:token>/pindah/", booking.postpone_number, name="ticket-postpone"),
    path("pesanan/<str:token>/batal/", booking.cancel_booking, name="booking-cancel"),
    path("pesanan/<str:token>/kabar/", told.of_booking, name="booking-told"),
    path("pesanan/<str:token>/didahulukan/", first.of_booking, name="booking-first"),
    path("pesanan/<str:token>/data/", privacy.of_booking, name="booking-data"),
    path("pesanan/<str:token>/lebih-awal/", booking.wish_earlier, name="booking-earlier"),
    path("pesanan/<str:token>/lebih-awal/terima/", booking.accept_offer, name="booking-accept"),
    path("pesanan/<str:token>/lebih-awal/tolak/", booking.decline_offer, name="booking-decline"),
    path("pesanan/<str:token>/hadir/", booking.come, name="booking-come"),
    path("anjungan/hadir/", checkin.kiosk, name="checkin-kiosk"),
    path("anjungan/kode/", checkin.code_on_site, name="checkin-code"),
    path("loket/hadir/", checkin.staff, name="checkin-staff"),
]
