"""URLs of the history pages."""

from django.urls import path

from portal.history import views

app_name = "history"
urlpatterns = [
    path("", views.history, name="list"),
    path("news/", views.news_page, name="news"),
    path("lines.csv", views.lines_as_csv, name="csv"),
    path("<slug:chain>/<int:seq>/", views.line, name="line"),
]
