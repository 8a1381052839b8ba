"""Finding a service by the words that people use."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.models import Service, ServiceStandard, Synonym
from services.querysets import ServiceQuerySet
from services.search import search, words_of
from tests.factories import make_agency, make_service


def everything() -> ServiceQuerySet:
    return Service.objects.select_related("agency")


def found(query: str) -> list[str]:
    return [service.slug for service in search(query, everything())]


@pytest.fixture
def catalogue(db: None) -> None:
    civil = make_agency(short_name="Dukcapil", name="Dinas Kependudukan dan Pencatatan Sipil", position=1)
    roads = make_agency(short_name="Samsat", name="UPT Pengelolaan Pendapatan Daerah", position=2)
    land = make_agency(short_name="Pertanahan (BPN)", name="Kantor Pertanahan", position=3)
    rows = [
        (civil, "ktp-hilang", "KTP elektronik hilang atau rusak", "ktp patah; cetak ulang ktp; e-ktp"),
        (civil, "ktp-pertama", "KTP elektronik pertama", "bikin ktp; rekam ktp"),
        (civil, "akta-lahir", "Akta kelahiran", "akta anak; surat lahir"),
        (roads, "pajak-tahunan", "Pajak kendaraan tahunan", "pajak motor; bayar stnk"),
        (land, "cek-sertipikat", "Pengecekan sertipikat", "cek sertifikat; sertifikat tanah"),
    ]
    for agency, slug, name, aliases in rows:
        make_service(agency, slug=slug, name=name, aliases=aliases, summary="")
    make_service(civil, slug="ambil-antrean", name="Bantuan antrean khusus", aliases="", summary="")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("ktp hilang", "ktp-hilang"),
        ("KTP HILANG", "ktp-hilang"),
        ("bikin ktp", "ktp-pertama"),
        ("hil", "ktp-hilang"),
        ("pajak mot", "pajak-tahunan"),
        ("akte lahir", "akta-lahir"),
        ("antrian", "ambil-antrean"),
        ("e-ktp", "ktp-hilang"),
        ("samsat", "pajak-tahunan"),
        ("cara urus akta kelahiran", "akta-lahir"),
        ("sertifikat", "cek-sertipikat"),
    ],
)
def test_everyday_words_find_the_service_first(catalogue: None, query: str, first: str) -> None:
    assert found(query)[0] == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kelahirn", "akta-lahir"),
        ("setifikat", "cek-sertipikat"),
        ("kendraan", "pajak-tahunan"),
        ("pajak mtor", "pajak-tahunan"),
        ("ktp hilng", "ktp-hilang"),
    ],
)
def test_typing_errors_are_forgiven(catalogue: None, query: str, first: str) -> None:
    assert found(query)[0] == first


def test_rows_with_all_words_come_without_the_others(catalogue: None) -> None:
    assert found("ktp rusak") == ["ktp-hilang"]


def test_when_no_row_has_all_words_some_are_enough(catalogue: None) -> None:
    assert "akta-lahir" in found("akta terbang")


def test_an_empty_search_lists_everything_and_a_meaningless_one_nothing(catalogue: None) -> None:
    assert len(found("")) == 6
    assert len(found("   ")) == 6
    assert found("!!! ???") == []
    assert found("qqqwwwzzz") == []


def test_the_search_stays_inside_what_it_is_given(catalogue: None) -> None:
    services = Service.objects.filter(slug="ktp-pertama")
    assert [service.slug for service in search("ktp", services)] == ["ktp-pertama"]
    assert search("hilang", services.filter(is_published=False)) == []


def test_words_of_a_question_are_left_out_unless_nothing_else_is_there() -> None:
    assert words_of("Cara mengurus KTP?") == ["ktp"]
    assert words_of("cara") == ["cara"]
    assert words_of("antrian") == ["antrean"]


def test_words_of_the_region_are_understood_and_small_ones_left_out(catalogue: None) -> None:
    Synonym.objects.bulk_create(
        Synonym(word=word, means=means) for word, means in (("handak", ""), ("ulah", "bikin"), ("oto", "!&"))
    )
    assert found("handak ulah ktp")[0] == "ktp-pertama"
    assert found("handak") == []
    assert found("pajak oto") == found("pajak")


def test_papers_to_bring_are_found_when_no_name_says_it(catalogue: None) -> None:
    ServiceStandard.objects.filter(service__slug="akta-lahir").update(requirements="Surat bidan | Asli")
    assert found("surat bidan") == ["akta-lahir"]
    assert "akta-lahir" not in found("ktp hilang")


@pytest.mark.parametrize(
    "query",
    [
        "a & b | c ! d",
        "ktp:*",
        "<->",
        "'; DROP TABLE services_service; --",
        "\x00\x01",
        "\u202ektp",
        "((((",
        "\\",
        "x" * 10_000,
        "a " * 5_000,
        "²³¹",
        "🦄",
        "\ud800",
        "dan di ke yang",
    ],
)
def test_hostile_text_is_harmless(catalogue: None, query: str) -> None:
    assert isinstance(found(query), list)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=120))
def test_any_text_is_an_answerable_question(catalogue: None, query: str) -> None:
    assert len(found(query)) <= 6
