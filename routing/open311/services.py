"""The city's categories as services of Open311, and what may be told with each. Pure."""

from __future__ import annotations

from routing.city import Category, City
from routing.open311.shapes import Attribute, Definition, Service, Value

DISCLOSURES = {
    "open": "Terbuka",
    "confidential": "Rahasia: nomor dan suara pelapor tidak diberikan ke instansi",
    "anonymous": "Anonim: nomor pelapor tidak disimpan",
}
CLIENTS_ID = "fixmystreet_id"  # the number in the sender's own system; FixMyStreet fills it in by this very name


def services(city: City) -> list[Service]:
    """All categories, in the city's order."""
    return [_service(city, category) for category in city.categories.values()]


def _service(city: City, category: Category) -> Service:
    return Service(
        service_code=category.code,
        service_name=category.name,
        description=category.covers,
        metadata=True,
        keywords=",".join(part.strip() for part in category.covers.replace(";", ",").split(",") if part.strip()),
        group=city.agencies[category.agency].name,
    )


def definition(city: City, category: Category) -> Definition:
    """What whoever reports is told first, and may add."""
    said = _promise(city, category)
    told = Attribute(variable=False, code="janji", datatype="text", required=False, order=1, description=said)
    asked = [
        Attribute(
            variable=True,
            code="patokan",
            datatype="string",
            required=False,
            order=2,
            datatype_description="Satu kalimat pendek",
            description="Patokan: tempat itu dekat dengan apa?",
        ),
        Attribute(
            variable=True,
            code="keterbukaan",
            datatype="singlevaluelist",
            required=False,
            order=3,
            datatype_description="Satu pilihan",
            description="Siapa yang boleh tahu pelapornya?",
            values=[Value(key=key, name=name) for key, name in DISCLOSURES.items()],
        ),
        Attribute(
            variable=True,
            code=CLIENTS_ID,
            datatype="string",
            required=False,
            order=4,
            datatype_description="Diisi oleh aplikasi",
            description="Nomor laporan di sistem pengirim; kiriman dengan nomor yang sama tidak dicatat dua kali.",
        ),
    ]
    return Definition(service_code=category.code, attributes=[told, *asked])


def _promise(city: City, category: Category) -> str:
    if category.emergency:
        number = city.emergency_number or "112"
        return f"Ini bisa berupa keadaan darurat. Jangan menunggu laporan ini dibaca: telepon {number} sekarang."
    days = category.targets[category.usual_severity]
    agency = city.agencies[category.agency].name
    return f"{agency} memberi kabar atau penyelesaian paling lambat {days} hari kerja."
