"""The console's words for what the store holds as codes. Unknown codes are shown as they are, never hidden."""

from __future__ import annotations

# Flask-Security's messages that can be reached here, with their kind.
LOGIN_MESSAGES = {
    "GENERIC_AUTHN_FAILED": ("Alamat email atau kata sandi tidak cocok. Silakan coba lagi.", "error"),
    "UNAUTHENTICATED": ("Silakan masuk dahulu untuk membuka halaman itu.", "info"),
    "UNAUTHORIZED": ("Akun ini tidak berhak membuka halaman itu.", "error"),
    "LOGIN": ("Silakan masuk dahulu untuk membuka halaman itu.", "info"),
    "USER_DOES_NOT_EXIST": ("Alamat email atau kata sandi tidak cocok. Silakan coba lagi.", "error"),
    "INVALID_PASSWORD": ("Alamat email atau kata sandi tidak cocok. Silakan coba lagi.", "error"),
    "DISABLED_ACCOUNT": ("Alamat email atau kata sandi tidak cocok. Silakan coba lagi.", "error"),
    "INVALID_REDIRECT": ("Tautan masuk ini menuju situs lain. Buka konsol dari halaman depan.", "error"),
    "API_ERROR": ("Permintaan tidak dikenali.", "error"),
}

STAGES = {  # LAKSA's four in their order; the others stand beside them
    "pengaduan": "Pengaduan",
    "proses": "Proses",
    "pengerjaan": "Pengerjaan",
    "selesai": "Selesai",
    "menunggu": "Menunggu pelapor",
    "diteruskan": "Diteruskan ke luar",
    "ditolak": "Ditolak",
    "digabung": "Digabung",
    "dicabut": "Dicabut",
}
VERBS = {  # what an officer may do, in the order of the form
    "answer": "Jawab pelapor",
    "accept": "Terima laporan",
    "start": "Mulai dikerjakan",
    "solve": "Selesai",
    "ask": "Tanya pelapor",
    "reply": "Catat jawaban pelapor",
    "hand": "Pindahkan ke instansi lain",
    "forward": "Teruskan ke luar pemerintah kota",
    "return": "Ambil kembali",
    "sort": "Ubah jenis masalah",
    "correct": "Perbaiki kata-kata laporan",
    "grade": "Ubah tingkat masalah",
    "move": "Ubah tanggal janji",
    "merge": "Gabungkan dengan laporan lain",
    "unmerge": "Pisahkan lagi",
    "reject": "Tolak",
    "withdraw": "Cabut atas permintaan pelapor",
    "reopen": "Buka kembali",
    "reviewed": "Sudah ditinjau",
    "note": "Catatan untuk petugas lain",
}
# What of these the citizen hears, word for word.
SPOKEN_VERBS = "Jawaban, pertanyaan, penyelesaian, penolakan, penerusan, dan alasan perubahan tanggal didengar pelapor."
SEVERITIES = {"ringan": "Ringan", "sedang": "Sedang", "berat": "Berat"}
REVIEWS = {
    "darurat": "Darurat",
    "rahasia": "Rahasia, periksa kata-katanya sebelum diteruskan ke dinas",
    "telepon terputus": "Sambungan terputus sebelum selesai",
    "pekerjaan gagal": "Pekerjaan otomatis gagal",
    "belum jelas": "Isi laporan belum jelas",
    "pesan untuk petugas": "Pesan suara untuk petugas",
}
WAYS = {"call": "telepon balik", "sms": "SMS", "whatsapp": "WhatsApp", "none": "tidak usah dikabari", "email": "surel"}
NOTICES = {
    "waiting": "menunggu dikirim",
    "sending": "sedang dikirim",
    "sent": "terkirim",
    "failed": "gagal",
    "dropped": "tidak jadi dikirim",
}
DISCLOSURES = {
    "confidential": "Rahasia: dinas tidak mendapat suara dan nomor pelapor",
    "anonymous": "Tanpa nama: nomor pelapor tidak disimpan",
}
CHOSEN_BY = {"caller": "dipilih penelepon", "machine": "usulan mesin", "operator": "ditetapkan petugas"}
CHANNELS = {
    "twilio": "Telepon",
    "browser": "Peramban",
    "asterisk": "Telepon",
    "worker": "Sistem",
    "console": "Konsol",
    "open311": "Open311",
    "walk-in": "Datang langsung",
    "social": "Media sosial",
}
ACTORS = {"caller": "Penelepon", "machine": "Sistem"}
END_REASONS = {
    "goodbye": "Selesai dengan salam",
    "hang-up": "Penelepon menutup telepon",
    "hand-over": "Disambungkan ke petugas",
    "lost": "Sambungan terputus",
    "trouble": "Gangguan sistem",
}
HAND_OVERS = {"emergency": "Darurat", "operator": "Petugas"}
OUTCOMES = {
    "announced": "diumumkan",
    "cancelled": "dibatalkan penelepon",
    "dialled": "sedang dihubungi",
    "answered": "dijawab",
    "failed": "tidak dijawab",
}
STEPS = {
    "start": "Pembukaan",
    "menu": "Menu utama",
    "report": "Isi laporan",
    "category-confirm": "Memastikan jenis masalah",
    "category-choose": "Memilih jenis masalah",
    "place": "Tempat kejadian",
    "place-confirm": "Memastikan tempat",
    "kecamatan-choose": "Memilih kecamatan",
    "place-choose": "Memilih kelurahan",
    "nearby-confirm": "Memastikan kelurahan dari patokan",
    "nearby-choose": "Memilih kelurahan dari patokan",
    "landmark": "Patokan",
    "read-back": "Membacakan ulang laporan",
    "correct": "Perbaikan laporan",
    "opening": "Mencatat laporan",
    "announced": "Pengumuman tentang masalah yang sama",
    "joining": "Ikut laporan bersama",
    "after-ticket": "Nomor tiket",
    "status": "Nomor tiket yang dicari",
    "finding": "Mencari laporan",
    "after-status": "Kabar laporan",
    "information": "Memilih informasi",
    "add": "Menambah keterangan",
    "withdraw": "Memastikan pencabutan",
    "acting": "Mencatat tambahan atau pencabutan",
    "service-number": "Nomor untuk layanan lain",
    "service-confirm": "Memastikan nomor",
    "service-asking": "Menanyakan ke layanan lain",
    "tell-whom": "Siapa yang dikabari",
    "tell-number": "Nomor yang dikabari",
    "tell-confirm": "Memastikan nomor yang dikabari",
    "about-you": "Pertanyaan tentang penelepon",
    "finding-data": "Menghitung data penelepon",
    "erase": "Memastikan penghapusan data",
    "erasing": "Menghapus data",
    "answered": "Sudah terjawab atau belum",
    "unanswered": "Belum terjawab",
    "after-information": "Informasi",
    "finding-alike": "Mencari laporan yang sama",
    "alike": "Laporan yang sama",
    "continue": "Melanjutkan laporan yang terputus",
    "outcome": "Sudah beres atau belum",
    "outcome-score": "Nilai kepuasan",
    "outcome-words": "Apa yang belum beres",
    "telling-outcome": "Mencatat hasil",
    "emergency-confirm": "Memastikan keadaan darurat",
    "emergency": "Keadaan darurat",
    "handed": "Disambungkan ke petugas",
    "message": "Pesan suara",
    "ended": "Penutup",
}
KINDS = {  # of turns in which the caller said nothing
    "start": "Panggilan masuk",
    "resume": "Sambungan kembali setelah terputus",
    "silence": "Penelepon diam",
    "hang-up": "Penelepon menutup telepon",
    "result": "Sistem menjawab",
}
EVENTS = {
    "opened": "Laporan dicatat",
    "classified": "Jenis masalah diperiksa",
    "assigned": "Diteruskan ke instansi",
    "delivered": "Masuk kotak tugas instansi",
    "stage": "Tahap berubah",
    "answered": "Dijawab",
    "added": "Pelapor menambah keterangan",
    "reopened": "Dibuka kembali",
    "merged": "Digabung",
    "moved": "Tanggal janji diubah",
    "sorted": "Kategori diubah",
    "graded": "Tingkat masalah diubah",
    "corrected": "Kata-kata laporan diperbaiki",
    "reviewed": "Sudah ditinjau",
    "reminded": "Diingatkan",
    "escalated": "Dinaikkan ke atasan",
    "failed": "Pekerjaan otomatis gagal",
    "joined": "Warga lain ikut dicatat",
    "asked": "Pelapor ditanya apakah sudah beres",
    "confirmed": "Dinyatakan beres oleh pelapor",
    "note": "Catatan",
}
REASONS = {"rule": "sesuai jenis masalah", "said again": "penelepon menambahkan keterangan", **REVIEWS}
